import Metering

/// The running totals of one thread: what each adds to those before.
struct CodexTotals {
    /// What a line says: the total of the thread, and of its last response.
    struct Vector: Hashable {
        var total: CodexUsage.Counts?
        var last: CodexUsage.Counts?
    }

    private var previous: Vector?
    /// Every total so far: a total that continues any of them by its last response is a link of that chain.
    private var seen: Set<CodexUsage.Counts> = []
    /// How often each vector was charged, to tell equal ones apart.
    private var charged: [Vector: Int] = [:]
    /// What the latest record said, which a total repeats.
    private var recorded: (usage: CodexUsage.Counts, total: CodexUsage.Counts?)?

    /// Notes a response that has a record of its own.
    mutating func record(_ usage: CodexUsage.Counts, total: CodexUsage.Counts?) {
        recorded = (usage, total)
        if let total { seen.insert(total) }
    }

    /// What a total adds; `nil` when it repeats what is counted.
    mutating func charge(_ vector: Vector) -> CodexUsage.Counts? {
        // Written again whenever rate limits change.
        guard vector != previous, vector.total == nil || vector.total != previous?.total else { return nil }
        defer {
            previous = vector
            if let total = vector.total { seen.insert(total) }
        }
        // After a compaction the last response is an estimate of the context: a total alone.
        if let last = vector.last, !last.hasUsage { return nil }
        guard let added = added(by: vector), added.hasUsage else { return nil }
        if isRecorded(vector) { return nil }
        charged[vector, default: 0] += 1
        return added
    }

    /// The name of the vector that was charged last, different for each that was.
    func name(of vector: Vector) -> String {
        let lists = [vector.total?.list ?? [], vector.last?.list ?? []]
        let name = lists.map { $0.map { String($0 ?? 0) }.joined(separator: ",") }.joined(separator: "/")
        guard let count = charged[vector], count > 1 else { return name }
        return name + "~" + String(count)
    }

    private func added(by vector: Vector) -> CodexUsage.Counts? {
        guard let total = vector.total else { return vector.last }
        guard let before = previous?.total else { return vector.last ?? total }
        if let last = vector.last {
            // Threads that share a file take turns: each total continues its own.
            if seen.contains(total - last), total.isAtLeast(last) { return last }
            return total.isAtLeast(before) ? total - before : last
        }
        return total.isAtLeast(before) ? total - before : nil
    }

    private func isRecorded(_ vector: Vector) -> Bool {
        guard let recorded else { return false }
        if vector.last == recorded.usage { return true }
        guard let known = recorded.total, let total = vector.total else { return false }
        return known.isAtLeast(total)
    }
}

/// Tells what a fork's file has copied from its parent's from what is its own.
enum CodexReplay {
    /// Nothing is copied, or the copy has ended.
    case none
    /// A turn of the parent's is being copied.
    case parentTurn
    /// The totals of the parent's file that may be copied, from a place on.
    case parentTotals([CodexTotals.Vector], next: Int)
    /// It is not known yet how the parent's file goes.
    case unread
    /// The parent's file is not at hand.
    case unknown

    /// What a total is.
    enum Origin {
        case own, copied, unknown
    }

    /// Begins at a file's first line.
    init(of thread: CodexThread) {
        self = thread.mayCopyParent ? .unread : .none
    }

    /// A turn begins: its identity tells when it was begun first, and whether the thread existed then.
    mutating func enterTurn(_ turn: String?, of thread: CodexThread) {
        if case .none = self { return }
        guard let turn, let id = thread.id, let begun = CodexThread.milliseconds(of: turn),
            let made = CodexThread.milliseconds(of: id)
        else { return }
        self = begun < made ? .parentTurn : .none
    }

    /// What a total is, by the parent's file where turns do not tell.
    mutating func isCopy(
        _ vector: CodexTotals.Vector, of thread: CodexThread, siblings: SiblingFiles
    ) -> Origin {
        if case .unread = self {
            self = Self.totals(of: thread.parent, siblings).map { .parentTotals($0, next: 0) } ?? .unknown
        }
        switch self {
        case .none: return .own
        case .parentTurn: return .copied
        case .unread, .unknown: return .unknown
        case .parentTotals(let totals, let next):
            if next < totals.count, totals[next] == vector {
                self = .parentTotals(totals, next: next + 1)
                return .copied
            }
            self = .none
            return .own
        }
    }

    /// Every total in a thread's file; `nil` when there is no such file.
    private static func totals(of thread: String?, _ siblings: SiblingFiles) -> [CodexTotals.Vector]? {
        guard let thread else { return nil }
        var totals: [CodexTotals.Vector] = []
        let isFound = siblings.read(thread + ".jsonl") { line in
            if let vector = CodexRolloutLine.vector(in: line) { totals.append(vector) }
            return true
        }
        return isFound ? totals : nil
    }
}
