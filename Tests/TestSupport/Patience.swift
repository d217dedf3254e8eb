/// How long a test waits for what has to come: for a process, a relay, a thread. A bound of failure alone: nothing that
/// comes takes so long, and a machine that is busy with other things makes no test fail.
package let patience: Duration = .seconds(120)

/// The same for poll(2).
package let patienceMilliseconds: Int32 = 120_000
