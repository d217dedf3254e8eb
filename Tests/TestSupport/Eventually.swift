internal import Glibc

/// Asks again and again until there is an answer, with a bound: what is waited for happens in another process.
///
/// - Returns: nil where the time was over first.
package func eventually<Answer>(
  within limit: Duration = patience, _ ask: () throws -> Answer?
) throws -> Answer? {
  let deadline = ContinuousClock.now + limit
  var pause: Int32 = 1
  while ContinuousClock.now < deadline {
    if let answer = try ask() { return answer }
    // Whoever is waited for needs the processor more.
    _ = poll(nil, 0, pause)
    pause = min(pause * 2, 32)
  }
  return nil
}
