import FileReading
import Foundation
import Harnesses
import Metering
import Testing

/// Which files are session files, wherever somebody says they lie.
struct SessionFolderTests {
    /// A file of each kind that each harness keeps, below its own folder.
    static let examples: [(harness: Harness, path: String, form: SessionFiles.Form)] =
        HarnessCatalog.standard.sessionFiles.flatMap { harness, files in
            files.files.map { pattern in
                let path = pattern.glob.replacing("**", with: "2026/11").replacing("*", with: "x1")
                return (harness, path, pattern.form)
            }
        }

    @Test(arguments: examples)
    func `any folder above or below will do, and the file itself`(
        harness: Harness, path: String, form: SessionFiles.Form
    ) throws {
        let place = "/data/agents/copy/" + path
        let names = place.split(separator: "/").dropLast()
        for length in 1...names.count {
            let folder = names.prefix(length).map { "/" + $0 }.joined()
            let file = SessionFolder.file(at: place, in: folder, of: harness, among: [])
            #expect(file?.form == form, "\(folder)")
            #expect(file.map { $0.folder.place(of: $0.path) } == place)
            let followed = try #require(SessionFolder(harness: harness, path: folder))
            #expect(followed.form(of: String(place.dropFirst(folder.count + 1))) == form, "followed at \(folder)")
        }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        #expect(SessionFolder.file(at: "/flat/" + name, named: "/flat", of: harness)?.form == form)
    }

    @Test(arguments: [10_413_792_000, -1_000_000_000] as [Double])
    func `a file may be dated to any year`(seconds: Double) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "tollbook-dated-\(UUID().uuidString)").path
        try Data("x".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: path)
        let status = try #require(FileStatus(path: path))
        #expect(status.modified == Int64(clamping: Int128(seconds) * 1_000_000_000) && status.size == 1)
    }

    @Test func `the folders of all harnesses tell whose files they hold, those of other users too`() {
        let here = SessionFolder.standard(home: "/home/me") { _ in nil }
        for (harness, path, form) in Self.examples {
            for home in ["/home/me", "/mnt/backup/home/you"] {
                for folder in SessionFolder.standard(home: home, variable: { _ in nil }) where folder.harness == harness
                {
                    let place = folder.place(of: path)
                    let file = SessionFolder.file(at: place, in: home, of: nil, among: here)
                    #expect(file?.folder.harness == harness && file?.form == form, "\(place)")
                }
            }
        }
    }

    @Test(arguments: [
        ("/copy/projects/-tmp-w/769a0743-1c41-4d85-8c29-91210d644c66/subagents/agent-ab01.jsonl", "claude-code"),
        ("/copy/-tmp-w/769a0743-1c41-4d85-8c29-91210d644c66.jsonl", "claude-code"),
        ("/copy/rollout-2026-01-02T03-04-05-x.jsonl", "codex"), ("/srv/web/.crush/crush.db", "crush"),
        ("/copy/storage/part/msg_1/prt_2.json", "opencode"), ("/home/u/notes/list.jsonl", nil),
        ("/home/u/notes/storage/part/list.json", nil),
    ])
    func `a copy tells whose it is where its name does`(place: String, harness: String?) {
        let file = SessionFolder.file(at: place, in: "/copy", of: nil, among: [])
        #expect(file?.folder.harness.rawValue == harness)
    }
}
