import FileReading
import Glibc
import Harnesses
import Logging
import Metering
import Pipeline
import ServiceLifecycle

/// Follows session files: finds them, reads what is added, makes it durable, and remembers how far it came.
///
/// What is read goes the way of every request: one commit of the spool, and only then do cursors move. Reading a file from
/// its start again is always right, since what its records say names them; so there is nothing to lose here.
struct Following: Service {
    /// What is followed and how.
    struct Settings: Sendable {
        /// The folders.
        var folders: [SessionFolder]
        /// Where cursors are kept.
        var cursors: String
        /// How often everything is looked through where the kernel tells of changes, in case it missed one.
        var searchInterval = Duration.seconds(30)
        /// The same where it cannot tell of all.
        var blindInterval = Duration.seconds(2)
        /// Whether the kernel is asked to tell of changes.
        var isWatching = true
        /// How often to see whether something is due.
        var turnInterval = Duration.milliseconds(500)
        /// How long changes are gathered before they are looked at.
        var gatherTime = Duration.milliseconds(20)
        /// How often cursors are kept.
        var saveInterval = Duration.seconds(1)

        init(folders: [SessionFolder], cursors: String) {
            self.folders = folders
            self.cursors = cursors
        }
    }

    let settings: Settings
    let intake: Intake
    let submissions: Submissions
    let metrics: IngestMetrics
    let wallClock: @Sendable () -> Timestamp
    let logger: Logger

    /// Follows until the service is to end.
    func run() async {
        await cancelWhenGracefulShutdown {
            guard let lock = await ownership() else { return }
            var follower = Follower(self)
            while !Task.isCancelled { await follower.turn() }
            follower.end()
            withExtendedLifetime(lock) {}
        }
    }

    /// Waits until no other replica follows: two would do the same work twice.
    private func ownership() async -> FolderLock? {
        var isReported = false
        while !Task.isCancelled {
            if let lock = FolderLock(folder: settings.cursors) { return lock }
            if !isReported { logger.info("another replica follows session files; waiting to take over") }
            isReported = true
            try? await Task.sleep(for: settings.searchInterval)
        }
        return nil
    }
}

/// The work of following, in turns.
private struct Follower {
    private let following: Following
    private let watch: FolderWatch
    private var changes: AsyncStream<Void>.Iterator
    private var files: FollowedFiles
    private var store: CursorStore?
    /// Cursors that moved since they were kept.
    private var moved: [FileIdentity: FileCursor] = [:]
    private var gone: Set<FileIdentity> = []
    /// Folders that are not there; nothing tells when they come.
    private var missing: Set<Int> = []
    private var nextSearch = ContinuousClock.now
    private var nextSave = ContinuousClock.now
    private var isReportedBlind = false

    init(_ following: Following) {
        self.following = following
        watch = FolderWatch(
            heartbeat: following.settings.turnInterval, isWatching: following.settings.isWatching)
        changes = watch.changes.makeAsyncIterator()
        var cursors: [FileIdentity: FileCursor] = [:]
        do {
            let store = try CursorStore(folder: following.settings.cursors, logger: following.logger)
            cursors = try store.load()
            self.store = store
        } catch {
            following.logger.error(
                "cursors of session files cannot be kept; after a restart all are read again",
                metadata: ["error": "\(error)"])
        }
        files = FollowedFiles(folders: following.settings.folders, intake: following.intake, cursors: cursors)
    }

    /// Looks, reads for a while, and waits where nothing is left to do.
    mutating func turn() async {
        look()
        let end = ContinuousClock.now + following.settings.turnInterval
        while !Task.isCancelled, ContinuousClock.now < end, files.readPart(at: following.wallClock()) {
            if files.batch.isFull { await makeSafe() }
            // Requests are served on the same few threads.
            await Task.yield()
        }
        await makeSafe()
        if ContinuousClock.now >= nextSave { save() }
        guard files.waiting == 0 else { return }
        await pause()
    }

    /// Keeps what is to be kept.
    mutating func end() {
        save()
        store?.close()
    }

    private mutating func look() {
        let changes = watch.takeChanges()
        let now = ContinuousClock.now
        guard let changes, now < nextSearch else { return searchAll(at: now) }
        for folder in changes.union(files.takeSuspects()) { search(folder) }
        for index in missing where access(files.folders[index].path, R_OK) == 0 { search(files.folders[index].path) }
        files.wake(at: following.wallClock())
    }

    private mutating func searchAll(at now: ContinuousClock.Instant) {
        files.beginSearch()
        for index in files.folders.indices { walk(index, from: "", isChange: false) { _ in true } }
        for identity in files.endSearch() {
            gone.insert(identity)
            moved[identity] = nil
        }
        let settings = following.settings
        nextSearch = now + (watch.isBlind ? settings.blindInterval : settings.searchInterval)
        if watch.isBlind, !isReportedBlind {
            isReportedBlind = true
            following.logger.notice("not all folders can be watched (fs.inotify limits); looking through them instead")
        }
    }

    /// Looks through a folder that changed, and through new ones in it.
    private mutating func search(_ folder: String) {
        for (index, root) in files.folders.enumerated() where folder == root.path || folder.hasPrefix(root.path + "/") {
            let watch = watch
            walk(index, from: String(folder.dropFirst(root.path.count + 1)), isChange: true) {
                !watch.isWatched(root.place(of: $0))
            }
        }
    }

    private mutating func walk(_ index: Int, from start: String, isChange: Bool, enters: (String) -> Bool) {
        let root = files.folders[index]
        if start.isEmpty { missing.insert(index) }
        var walk = FolderWalk(root.path)
        walk.walk(from: start, enters: enters) { path, entry in
            switch entry {
            case .folder:
                if path.isEmpty { missing.remove(index) }
                watch.watch(path.isEmpty ? root.path : root.place(of: path))
            case .file(let status): files.found(path, in: index, status, isChange: isChange)
            }
        }
    }

    /// Makes what was read durable; waits for room where there is none, since everything behind it must wait too.
    private mutating func makeSafe() async {
        let batch = files.batch
        files.batch = FollowedBatch()
        let events = EncodedEvents(batch.result.events)
        while !events.texts.isEmpty {
            do throws(Refusal) {
                try await following.submissions.store(events)
                break
            } catch {
                guard !Task.isCancelled else { return }
                try? await Task.sleep(for: .seconds(error.retryAfter ?? 1))
                guard !Task.isCancelled else { return }
            }
        }
        following.metrics.stored(events, batch.result)
        following.metrics.followed(batch, files: files.count, waiting: files.waiting, rewritten: files.rewritten)
        moved.merge(batch.cursors) { $1 }
    }

    private mutating func save() {
        nextSave = .now + following.settings.saveInterval
        guard let store, !moved.isEmpty || !gone.isEmpty else { return }
        do {
            try store.save(moved, forgetting: gone.subtracting(moved.keys))
            moved = [:]
            gone = []
        } catch {
            following.logger.warning("cursors of session files were not kept", metadata: ["error": "\(error)"])
        }
    }

    private mutating func pause() async {
        await changes.next()
        // An agent writes several lines at once.
        try? await Task.sleep(for: following.settings.gatherTime)
    }
}
