internal import MessageComposition

/// A body's program with its fixed text in quoted-printable already: most of a mail is the same in all mails, and encoding
/// it was half the work of a mail.
struct EncodedProgram: Sendable {
  private let program: TemplateProgram
  /// By the place of the instruction. Empty where quoted-printable is not the shorter encoding of the text.
  private let literals: [EncodedLiteral?]
  private let capacity: Int

  init(_ program: TemplateProgram) {
    self.program = program
    guard EncodedLiteral.isWorthwhile(for: program.text) else {
      literals = []
      capacity = 0
      return
    }
    literals = program.instructions.map { instruction in
      guard case .literal(let start, let end) = instruction else { return nil }
      return EncodedLiteral(Array(program.text[start..<end]))
    }
    capacity = program.text.count * 5 / 4 + 1024
  }

  /// - Parameter ending: what follows on a line of its own.
  func render(_ values: borrowing SlotValues, ending: String? = nil) -> EncodedBody {
    guard !literals.isEmpty else {
      var text: [UInt8] = []
      program.render(values, into: &text)
      if let ending {
        if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
        text.append(contentsOf: ending.utf8)
      }
      return EncodedBody(text)
    }
    var writer = QuotedPrintableWriter(capacity: capacity)
    var value: [UInt8] = []
    program.follow(values) { index, instruction in
      if case .value(let slot) = instruction {
        value.removeAll(keepingCapacity: true)
        program.append(values, slot, to: &value)
        value.withUnsafeBufferPointer { writer.append($0) }
      } else if let literal = literals[index] {
        writer.append(literal)
      }
    }
    if let ending {
      let text = Array(((writer.isAtLineStart ? "" : "\n") + ending).utf8)
      text.withUnsafeBufferPointer { writer.append($0) }
    }
    return writer.finish()
  }
}
