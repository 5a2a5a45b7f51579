import Foundation
import Glibc
import Logging
import Synchronization

/// Tells which folders changed, as the kernel sees it (inotify).
///
/// It may miss things: a network file system says nothing of what other machines write, and the kernel's queue and its
/// number of watches are bounded. So whoever uses it also looks by itself now and then, and more often where this says that
/// it sees little.
final class FolderWatch: Sendable {
    fileprivate struct State {
        var folders: [Int32: String] = [:]
        var watched: Set<String> = []
        var changed: Set<String> = []
        var hasOverflowed = false
        var isBlind = false
    }

    /// What the thread that listens shares with others; it outlives its owner by a heartbeat.
    fileprivate final class Listener: Sendable {
        let descriptor: Int32
        let state = Mutex(State())
        let isStopped = Atomic<Bool>(false)
        let wake: AsyncStream<Void>.Continuation

        init(descriptor: Int32, wake: AsyncStream<Void>.Continuation) {
            self.descriptor = descriptor
            self.wake = wake
        }

        deinit {
            if descriptor >= 0 { close(descriptor) }
        }
    }

    /// Yields when something changed, several changes as one, and now and then without a change.
    let changes: AsyncStream<Void>
    private let listener: Listener

    /// What folders and their files are watched for.
    private static let events =
        UInt32(IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MOVE_SELF)
        | UInt32(IN_ONLYDIR) | UInt32(IN_EXCL_UNLINK)

    /// Starts to watch nothing.
    ///
    /// - Parameters:
    ///   - heartbeat: how often ``changes`` yields without a change.
    ///   - isWatching: whether to watch at all.
    init(heartbeat: Duration, isWatching: Bool = true) {
        let (changes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.changes = changes
        let descriptor = isWatching ? inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC)) : -1
        let listener = Listener(descriptor: descriptor, wake: wake)
        self.listener = listener
        listener.state.withLock { $0.isBlind = descriptor < 0 }
        let pause = Int32(heartbeat / .milliseconds(1))
        Thread.detachNewThread { listener.listen(heartbeat: pause) }
    }

    deinit {
        listener.isStopped.store(true, ordering: .releasing)
    }

    /// Whether some folders cannot be watched.
    var isBlind: Bool { listener.state.withLock { $0.isBlind } }

    /// Whether a folder is watched.
    func isWatched(_ folder: String) -> Bool { listener.state.withLock { $0.watched.contains(folder) } }

    /// Watches a folder, not those below it.
    func watch(_ folder: String) {
        guard listener.descriptor >= 0 else { return }
        listener.state.withLock { state in
            guard !state.watched.contains(folder) else { return }
            let number = inotify_add_watch(listener.descriptor, folder, Self.events)
            guard number >= 0 else {
                // Gone again is no blindness; no watch left is.
                if errno != ENOENT, errno != ENOTDIR { state.isBlind = true }
                return
            }
            // A folder that was moved along with the one above it keeps its watch, and gets its new name here.
            if let former = state.folders.updateValue(folder, forKey: number) { state.watched.remove(former) }
            state.watched.insert(folder)
        }
    }

    /// The folders that changed since the last call; `nil` when anything may have.
    func takeChanges() -> Set<String>? {
        listener.state.withLock { state in
            defer {
                state.changed.removeAll()
                state.hasOverflowed = false
            }
            return state.hasOverflowed ? nil : state.changed
        }
    }
}

extension FolderWatch.Listener {
    /// Listens until the owner is gone, on a thread of its own: the kernel is waited for.
    fileprivate func listen(heartbeat: Int32) {
        var buffer = [UInt64](repeating: 0, count: 2048)
        let bytes = buffer.count * MemoryLayout<UInt64>.stride
        while !isStopped.load(ordering: .acquiring) {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, heartbeat) > 0 {
                let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, bytes) }
                if count > 0 { buffer.withUnsafeBytes { take(UnsafeRawBufferPointer(rebasing: $0[..<count])) } }
            }
            wake.yield()
        }
        wake.finish()
    }

    private func take(_ events: UnsafeRawBufferPointer) {
        state.withLock { state in
            var position = 0
            while position + MemoryLayout<inotify_event>.size <= events.count {
                let event = events.loadUnaligned(fromByteOffset: position, as: inotify_event.self)
                position += MemoryLayout<inotify_event>.size + Int(event.len)
                if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
                    state.hasOverflowed = true
                } else if let folder = state.folders[event.wd] {
                    state.changed.insert(folder)
                    if event.mask & UInt32(IN_IGNORED) != 0 {
                        state.folders[event.wd] = nil
                        state.watched.remove(folder)
                    } else if event.mask & UInt32(IN_MOVE_SELF) != 0 {
                        // Its name is not known any more; found under the new one, it is watched again.
                        inotify_rm_watch(descriptor, event.wd)
                    }
                }
            }
        }
    }
}
