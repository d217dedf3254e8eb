import Records
import Testing

@testable import SQLiteRecords

/// The lists that SQL is made of.
@Suite struct ColumnsTests {
  private func check<List: Columns>(_ list: List.Type) {
    for (place, column) in List.allCases.enumerated() {
      #expect(column.index == Int32(place), "\(list).\(column.rawValue)")
    }
    #expect(List.allCases.count < 256 && List.allCases.count > 1)
  }

  @Test func `columns are numbered as they stand in their list`() {
    check(RequestColumn.self)
    check(NewRequestColumn.self)
    check(RecentColumn.self)
    check(ClientColumn.self)
    check(AttemptColumn.self)
    check(SettlementColumn.self)
    check(EndColumn.self)
    check(ResumeColumn.self)
    check(ChallengeColumn.self)
    check(UseColumn.self)
    check(PasscodeColumn.self)
    check(GuestColumn.self)
    check(SessionColumn.self)
    check(StatusColumn.self)
    check(TallyColumn.self)
    check(KeyColumn.self)
    check(AuditColumn.self)
    check(AuditTrailColumn.self)
  }

  @Test func `lists make SQL`() {
    #expect(TallyColumn.list == "scope, buckets, purgeAfter")
    #expect(TallyColumn.list(of: "tally") == "tally.scope, tally.buckets, tally.purgeAfter")
    #expect(TallyColumn.parameters == "?1, ?2, ?3")
    #expect(TallyColumn.buckets.assignment == "buckets = ?2")
    #expect(TallyColumn.buckets.assignmentUnlessNull == "buckets = coalesce(?2, buckets)")
  }

  @Test func `each state has a number of its own, and no other number is one`() {
    #expect(Set(RequestState.allCases.map(\.number)).count == RequestState.allCases.count)
    for state in RequestState.allCases { #expect(RequestState(number: state.number) == state) }
    for number in [-1, 3, 9, 18, Int64.max, Int64.min] { #expect(RequestState(number: number) == nil) }
  }
}
