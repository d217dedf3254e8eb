/// Asks again and again until there is an answer, with a bound: what is waited for happens in another process.
///
/// - Returns: nil where the time was over first.
package func eventually<Answer>(
  within limit: Duration = .seconds(20), _ ask: () throws -> Answer?
) throws -> Answer? {
  let deadline = ContinuousClock.now + limit
  while ContinuousClock.now < deadline {
    if let answer = try ask() { return answer }
  }
  return nil
}
