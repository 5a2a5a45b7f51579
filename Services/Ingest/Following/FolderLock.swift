import Glibc

/// The right to follow session files, held by one replica of those that share a folder.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Takes the right; `nil` while another has it.
    init?(folder: String) {
        let descriptor = open(folder + "/following.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}
