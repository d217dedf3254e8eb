package import CodeRequests
package import RecordKeys

/// The hashes that stand for an address, a subject, a client and a tenant in the records: HMACs under the address
/// key, so that a copy of the database cannot be searched with a list of addresses.
package struct Subject: Hashable, Sendable {
  /// 32 bytes over tenant and address.
  package let hash: [UInt8]
  /// 8 bytes over the address alone, for the audit trail across tenants.
  package let address: Int64
  /// 8 bytes over the mailbox behind the address: the same as `address` where nothing was added to it.
  package let mailbox: Int64

  package init(_ recipient: EmailAddress, tenant: String?, key: Key) {
    let (canonical, mailbox) = (recipient.canonical, recipient.mailbox)
    let address = key.mac("address", Array(canonical.utf8))
    self.address = prefixKey(address)
    self.mailbox =
      mailbox == canonical ? self.address : prefixKey(key.mac("address", Array(mailbox.utf8)))
    hash = key.mac("subject", address, Array((tenant ?? "").utf8))
  }

  package init(hash: [UInt8], address: Int64, mailbox: Int64? = nil) {
    self.hash = hash
    self.address = address
    self.mailbox = mailbox ?? address
  }

  /// What the index holds.
  package var key: Int64 { prefixKey(hash) }
}

/// The first 8 bytes of a hash as the integer that indices hold. Entries of 8 bytes in place of 32 keep four times as
/// many on a page, and pages dirtied by random keys are what a commit costs; the row holds the whole hash, which is
/// compared too.
package func prefixKey(_ hash: [UInt8]) -> Int64 {
  var value: UInt64 = 0
  for byte in hash.prefix(8) { value = value << 8 | UInt64(byte) }
  return Int64(bitPattern: value)
}
