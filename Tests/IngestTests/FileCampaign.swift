import Foundation
import Support
import Synchronization

/// A thousand random changes of session files, over several runs of whoever follows them.
final class FileCampaign: Sendable {
    /// How many changes there are.
    static let steps = 1000

    private struct State {
        var files: SessionFilesUnderTest
        var random: SeededRandom
        var step = 0
        /// Files that were surely seen, so that another name does not hide them.
        var known: Set<String> = []
        var log: [String] = []
    }

    private let state: Mutex<State>

    init(folder: String, seed: UInt64) {
        let files = SessionFilesUnderTest(folder: folder)
        state = Mutex(State(files: files, random: SeededRandom(seed: seed)))
    }

    /// Whether all was done.
    var isOver: Bool { state.withLock { $0.step >= Self.steps } }

    /// What was ever written.
    var truth: [Int: SessionFilesUnderTest.Record] { state.withLock { $0.files.written } }

    /// The last things that were done, for whoever has to find out what went wrong.
    var lastChanges: [String] { state.withLock { $0.log.suffix(40) } }

    /// Changes files until the follower is to be started anew, or all is done.
    ///
    /// - Parameter catchUp: waits until all of this was read; before something is destroyed, it must have been.
    func run(_ catchUp: ([Int: SessionFilesUnderTest.Record]) async throws -> Void) async throws {
        while !isOver {
            let (choice, pause) = state.withLock { state in
                (Int.random(in: 0..<100, using: &state.random), Int.random(in: 0..<8, using: &state.random))
            }
            if choice >= Change.firstThatDestroys { try await catchUp(truth) }
            let isRestart = try state.withLock { state in
                state.step += 1
                // What is in a file was read, so the file was seen.
                let seen = state.files.files.filter { !$0.records.isEmpty }.map(\.path)
                if choice >= Change.firstThatDestroys { state.known = Set(seen) }
                let before = state.files.files.map(\.path)
                let isRestart = try Change.make(choice, &state.files, &state.known, &state.random)
                let after = state.files.files.map { "\($0.path.suffix(24)):\($0.records.suffix(3).map(\.number))" }
                state.log.append("\(state.step) change \(choice) of \(before.count) files: \(after)")
                return isRestart
            }
            // Sometimes in the midst of reading, sometimes after it.
            if pause < 2 { try await Task.sleep(for: .milliseconds(pause * 15)) }
            if isRestart { return }
        }
        try await catchUp(truth)
    }

    /// What happens to files.
    private enum Change {
        /// Changes from this number on take away what may not be anywhere else.
        static let firstThatDestroys = 66

        /// - Returns: whether the follower is to be started anew.
        static func make(
            _ choice: Int, _ files: inout SessionFilesUnderTest, _ known: inout Set<String>,
            _ random: inout SeededRandom
        ) throws -> Bool {
            let new = (0..<Int.random(in: 1...4, using: &random)).map { _ in files.record(&random) }
            guard files.files.count >= 3 else {
                try files.create(new, &random)
                return false
            }
            let index = Int.random(in: files.files.indices, using: &random)
            let file = files.files[index]
            switch choice {
            case ..<28: try files.append(new, to: index)
            case ..<36: try files.appendHalf(files.record(&random), to: index)
            case ..<42: if files.files.count < 12 { try files.create(new, &random) }
            case ..<50:
                try files.finishHalf(of: index)
                let all = (files.files[index].records + new).shuffled(using: &random)
                try files.rewrite(index, with: all, isReplaced: choice % 2 == 0)
                if choice % 2 == 0 { known.remove(file.path) }
            case ..<56: if known.remove(file.path) != nil { try rotate(index, new, &files) }
            case ..<62:
                try files.finishHalf(of: index)
                try files.move(index, to: files.newPath(&random))
            case ..<64: utimes(file.path, nil)
            case ..<66: return true
            default:
                known.remove(file.path)
                try destroy(choice, index, new, &files, &random)
            }
            return false
        }

        /// The file goes on under a name that is no session's; a new one has its name.
        private static func rotate(
            _ index: Int, _ new: [SessionFilesUnderTest.Record], _ files: inout SessionFilesUnderTest
        ) throws {
            try files.append(new, to: index)
            let path = files.files[index].path
            try files.move(index, to: path + ".\(new[0].number)")
            files.files[index] = SessionFilesUnderTest.File(path: path)
            try SessionFilesUnderTest.write("", to: path)
        }

        private static func destroy(
            _ choice: Int, _ index: Int, _ new: [SessionFilesUnderTest.Record],
            _ files: inout SessionFilesUnderTest, _ random: inout SeededRandom
        ) throws {
            let records = files.files[index].records
            let kept = Int.random(in: 0...records.count, using: &random)
            switch choice {
            case ..<76:
                let isWithin = kept < records.count && choice % 2 == 0
                let rest = isWithin ? Int.random(in: 0..<records[kept].line.utf8.count, using: &random) : 0
                try files.truncate(index, toRecords: kept, andBytes: rest)
                try files.append(new, to: index)
            case ..<86:
                let some = records.shuffled(using: &random).prefix(kept) + new
                try files.rewrite(index, with: Array(some), isReplaced: choice % 2 == 0)
            case ..<92: try files.remove(index)
            default:
                try files.remove(index)
                try files.create(new, &random)
            }
        }
    }
}
