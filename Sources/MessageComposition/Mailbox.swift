package import CodeRequests

/// An address with the name that mail programs show for it.
package struct Mailbox: Hashable, Sendable {
  package let name: String?
  package let address: EmailAddress

  package init(name: String? = nil, address: EmailAddress) {
    self.name = name.flatMap { $0.isEmpty ? nil : $0 }
    self.address = address
  }
}
