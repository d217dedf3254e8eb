internal import LinuxSystem

/// A bound and listening TCP socket.
struct ListeningSocket: ~Copyable {
  let descriptor: FileDescriptor
  let port: UInt16

  /// Listens on the first address that `host` stands for and that can be bound, IPv4 before IPv6: whoever
  /// connects to `localhost` tries both, whoever connects to 127.0.0.1 only that one.
  init(host: String, port: UInt16) throws(SinkFault) {
    let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    let addresses: [SocketAddress]
    do throws(NameLookup.Failure) {
      addresses = try NameLookup.listeningAddresses(of: host, port: port)
    } catch {
      throw SinkFault(.address, place, "is no address to listen on: \(error.words)")
    }
    var failure = SystemCallError("bind", "", .addressNotAvailable)
    for address in addresses.filter({ !$0.isIPv6 }) + addresses.filter(\.isIPv6) {
      do throws(SystemCallError) {
        let descriptor = try StreamSocket.listening(on: address)
        // The kernel has chosen one where 0 was asked for.
        self.port = SocketAddress(ofSocket: descriptor.rawValue)?.port ?? port
        self.descriptor = descriptor
        return
      } catch { failure = error }
    }
    let advice =
      failure.number == .addressInUse ? "; another program listens there, choose another port or 0" : ""
    throw SinkFault(.listening, place, "cannot listen: \(failure)\(advice)")
  }

  /// Takes a waiting connection; nil where there is none, or it has gone away again.
  func accept() throws(SystemCallError) -> FileDescriptor? { try StreamSocket.accept(from: descriptor) }
}
