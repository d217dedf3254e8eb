internal import LinuxSystem
internal import MessageComposition

/// A body's program with its fixed text in quoted-printable already: most of a mail is the same in all mails, and encoding
/// it was half the work of a mail.
struct EncodedProgram: Sendable {
  private let program: TemplateProgram
  /// One for each instruction, empty where that is no literal. None where quoted-printable is not the shorter encoding
  /// of the text.
  private let literals: EncodedLiterals

  init(_ program: TemplateProgram) {
    self.program = program
    var literals = EncodedLiterals()
    if EncodedLiterals.isWorthwhile(for: program.text) {
      for instruction in program.instructions {
        if case .literal(let start, let end) = instruction {
          literals.append(program.text[start..<end])
        } else {
          literals.append([])
        }
      }
    }
    self.literals = literals
  }

  /// Writes the body of a message.
  ///
  /// - Parameter ending: what follows on a line of its own.
  func render(_ values: borrowing SlotValues, ending: String? = nil, into output: inout ByteBuffer) {
    var room = ByteBuffer(capacity: 256)
    guard !literals.isEmpty else {
      program.render(values, into: &room)
      if let ending {
        if room.last != UInt8(ascii: "\n") { room.append(UInt8(ascii: "\n")) }
        room.append(ending)
      }
      room.withBytes { EncodedBody.write($0, to: &output) }
      return
    }
    var writer = QuotedPrintableWriter(to: &output)
    program.follow(values) { index, instruction in
      if case .value(let slot, let escaping) = instruction {
        program.withValue(values, slot, escaping, &room) { writer.append($0, to: &output) }
      } else {
        writer.append(literals, at: index, to: &output)
      }
    }
    if let ending {
      room.removeAll()
      if !writer.isAtLineStart { room.append(UInt8(ascii: "\n")) }
      room.append(ending)
      room.withBytes { writer.append($0, to: &output) }
    }
    writer.finish(&output)
  }
}
