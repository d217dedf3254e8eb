internal import LinuxSystem

/// A part of a mail, ready to be rendered: partials are in place, names are slots, and neighbouring text is one run.
struct TemplateProgram: Sendable {
  enum Instruction: Sendable {
    /// A run of `text`.
    case literal(start: Int, end: Int)
    /// The value in a slot, escaped for where it stands.
    case value(slot: Int, ValueEscaping)
    /// Goes on `count` instructions later where the slot is empty.
    case skipWhereEmpty(slot: Int, count: Int)
    /// Goes on `count` instructions later where the slot is not empty.
    case skipWhereFilled(slot: Int, count: Int)
  }

  /// Where the text stands.
  enum Medium: Sendable { case html, text, header }

  let medium: Medium
  var text: [UInt8] = []
  var instructions: [Instruction] = []

  init(medium: Medium) { self.medium = medium }

  mutating func append(literal bytes: some Collection<UInt8>) {
    guard !bytes.isEmpty else { return }
    let start = text.count
    text.append(contentsOf: bytes)
    if case .literal(let previous, start)? = instructions.last, !isJumpTarget {
      instructions[instructions.count - 1] = .literal(start: previous, end: text.count)
    } else {
      instructions.append(.literal(start: start, end: text.count))
    }
    isJumpTarget = false
  }

  mutating func append(value slot: Int, _ escaping: ValueEscaping) {
    instructions.append(.value(slot: slot, escaping))
    isJumpTarget = false
  }

  /// Text after the end of a section must not be joined with the text that ends it.
  private var isJumpTarget = false

  /// Opens a section; what is appended until `endSection` belongs to it.
  mutating func beginSection() -> Int {
    instructions.append(.skipWhereEmpty(slot: 0, count: 0))
    isJumpTarget = false
    return instructions.count - 1
  }

  mutating func endSection(_ index: Int, slot: Int, isInverted: Bool) {
    let count = instructions.count - index - 1
    instructions[index] =
      isInverted
      ? .skipWhereFilled(slot: slot, count: count) : .skipWhereEmpty(slot: slot, count: count)
    isJumpTarget = true
  }

  /// The slots whose values are shown or asked for.
  var slots: Set<Int> {
    Set(
      instructions.compactMap { instruction -> Int? in
        switch instruction {
        case .literal: nil
        case .value(let slot, _), .skipWhereEmpty(let slot, _), .skipWhereFilled(let slot, _): slot
        }
      })
  }

  func shows(_ slot: Int) -> Bool {
    instructions.contains { if case .value(slot, _) = $0 { true } else { false } }
  }

  /// Whether the value in `slot` is shown whatever the other values are.
  ///
  /// - Parameter filled: slots that hold something in every mail.
  func alwaysShows(_ slot: Int, filled: Set<Int>) -> Bool {
    always(filled) { instruction, _ in if case .value(slot, _) = instruction { true } else { false } }
  }

  /// Whether something other than blanks is rendered whatever the values are.
  func alwaysShowsText(filled: Set<Int>) -> Bool {
    always(filled) { instruction, isFilled in
      switch instruction {
      case .literal(let start, let end):
        text[start..<end].contains { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != 10 }
      case .value(let slot, _): isFilled(slot)
      case .skipWhereEmpty, .skipWhereFilled: false
      }
    }
  }

  private typealias Test = (Instruction, _ isFilled: (Int) -> Bool) -> Bool

  private func always(_ filled: Set<Int>, _ test: Test) -> Bool {
    let known = filled.reduce(into: [Int: Bool]()) { $0[$1] = true }
    var branches = 4096
    return always(from: 0, known, &branches, test)
  }

  /// Follows the instructions from `start` on, both ways at each section whose value is not known yet. A template
  /// that asks for more than a few thousand ways is taken for one that does not always show it.
  private func always(from start: Int, _ known: [Int: Bool], _ branches: inout Int, _ test: Test) -> Bool {
    var index = start
    while index < instructions.count {
      switch instructions[index] {
      case .literal, .value:
        if test(instructions[index], { known[$0] == true }) { return true }
      case .skipWhereEmpty(let slot, let count), .skipWhereFilled(let slot, let count):
        guard let isFilled = known[slot] else {
          branches -= 1
          guard branches > 0 else { return false }
          var ways = [known, known]
          ways[0][slot] = true
          ways[1][slot] = false
          return always(from: index, ways[0], &branches, test)
            && always(from: index, ways[1], &branches, test)
        }
        let skips = if case .skipWhereEmpty = instructions[index] { !isFilled } else { isFilled }
        if skips { index += count }
      }
      index += 1
    }
    return false
  }

  /// Renders into `output`. Looks nothing up by name and allocates only where `output` has to grow.
  func render(_ values: borrowing SlotValues, into output: inout ByteBuffer) {
    text.withUnsafeBufferPointer { text in
      follow(values) { _, instruction in
        switch instruction {
        case .literal(let start, let end): output.append(UnsafeBufferPointer(rebasing: text[start..<end]))
        case .value(let slot, let escaping):
          values.withBytes(of: slot) { escaping.write($0, into: &output) }
        case .skipWhereEmpty, .skipWhereFilled: break
        }
      }
    }
  }

  /// Calls `body` with the texts and values that these values ask for, in their order, and their place among the
  /// instructions.
  @inline(__always)
  func follow(_ values: borrowing SlotValues, _ body: (Int, Instruction) -> Void) {
    var index = 0
    while index < instructions.count {
      let instruction = instructions[index]
      switch instruction {
      case .literal, .value: body(index, instruction)
      case .skipWhereEmpty(let slot, let count): if values.isEmpty(slot) { index += count }
      case .skipWhereFilled(let slot, let count): if !values.isEmpty(slot) { index += count }
      }
      index += 1
    }
  }

  /// Calls `body` with a value, escaped for where it stands.
  ///
  /// - Parameter room: what is escaped is written there.
  @inline(__always)
  func withValue(
    _ values: borrowing SlotValues, _ slot: Int, _ escaping: ValueEscaping, _ room: inout ByteBuffer,
    _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    values.withBytes(of: slot) { bytes in
      guard escaping.changes(bytes) else { return body(bytes) }
      room.removeAll()
      escaping.write(bytes, into: &room)
      room.withBytes(body)
    }
  }
}

/// The values of one mail by slot, in one run of bytes.
struct SlotValues: ~Copyable {
  private var bytes = ByteBuffer(capacity: 256)
  private var ends: [Int] = []

  init(count: Int) { ends.reserveCapacity(count) }

  /// Gives the next slot its value.
  mutating func append(_ value: String?) {
    if let value { bytes.append(value) }
    ends.append(bytes.count)
  }

  mutating func append(_ body: (inout ByteBuffer) -> Void) {
    body(&bytes)
    ends.append(bytes.count)
  }

  private func range(_ slot: Int) -> Range<Int> { (slot == 0 ? 0 : ends[slot - 1])..<ends[slot] }

  func isEmpty(_ slot: Int) -> Bool { range(slot).isEmpty }

  @inline(__always)
  func withBytes(of slot: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    bytes.withBytes { body(UnsafeBufferPointer(rebasing: $0[range(slot)])) }
  }
}
