internal import Glibc

/// Wakes one thread that waits for it, and no other: where many threads wait, each for its own turn, a condition would
/// wake all of them to look. The corresponding C functions are `sem_post` and `sem_wait`.
package final class Semaphore: @unchecked Sendable {
  // Sendable: semaphores are made to be used by several threads.
  private let semaphore: UnsafeMutablePointer<sem_t>

  package init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  /// Lets one `wait` return, now or later.
  package func post() { sem_post(semaphore) }

  /// Waits for a `post` and uses it up.
  package func wait() {
    while sem_wait(semaphore) < 0, errno == EINTR {}
  }
}
