import CurveFiles
import Foundation
import Settings
import Testing
import ZeroMQ

@testable import Pipeline

/// Links between hosts: who may connect, and what is refused at start.
@Suite(.timeLimit(.minutes(30)))
struct BusSecurityTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "tollbook-curve-\(UUID().uuidString)")

    /// The folders of two hosts with one process each, which know each other where that is asked for.
    private func hosts(knowingEachOther: Bool) throws -> (dedupe: String, ingest: String) {
        let (dedupe, ingest) = (root.appending(path: "a").path, root.appending(path: "b").path)
        let (server, client) = (
            try CurveFiles(folder: dedupe).make(name: "dedupe"), try CurveFiles(folder: ingest).make(name: "ingest")
        )
        try FileManager.default.copyItem(atPath: server.publicKey, toPath: ingest + "/dedupe.pub")
        if knowingEachOther {
            try FileManager.default.copyItem(atPath: client.publicKey, toPath: dedupe + "/ingest.pub")
        }
        return (dedupe, ingest)
    }

    /// What arrives of a frame that one host sends the other, again and again.
    ///
    /// - Parameter patience: how long to look; not for long where nothing must arrive.
    private func arriving(
        _ folders: (dedupe: String, ingest: String), plain: Bool = false, within patience: Duration
    ) throws -> [UInt8]? {
        let (here, there) = (try StageEnvironment(), try StageEnvironment())
        let bound = try BusLinks(folder: folders.dedupe, name: "dedupe", isInsecureAllowed: false)
            .bind("tcp://127.0.0.1:*")
        let pull = try LinkedSocket<Pull>(bound, in: here)
        let client = try BusLinks(folder: plain ? "" : folders.ingest, name: "ingest", isInsecureAllowed: false)
        let push = try LinkedSocket<Push>(client.connect("\(pull.link)", to: "dedupe"), in: there)
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            _ = try push.send([1, 2, 3])
            Thread.sleep(forTimeInterval: 0.01)
            if let frame = try pull.receive() { return frame }
        }
        return nil
    }

    @Test func `processes that have each other's public keys talk`() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        #expect(try arriving(hosts(knowingEachOther: true), within: .seconds(120)) == [1, 2, 3])
    }

    @Test func `a process that is not listed, or has no keys, is not let in`() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let folders = try hosts(knowingEachOther: false)
        #expect(try arriving(folders, within: .seconds(2)) == nil)
        #expect(try arriving(folders, plain: true, within: .seconds(2)) == nil)
    }

    @Test func `beyond this machine a link is bound with keys, or when that is vouched for`() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let folders = try hosts(knowingEachOther: true)
        #expect(throws: SettingsError.self) {
            try BusLinks(folder: "", name: "dedupe", isInsecureAllowed: false).bind("tcp://0.0.0.0:7101")
        }
        _ = try BusLinks(folder: "", name: "dedupe", isInsecureAllowed: true).bind("tcp://0.0.0.0:7101")
        _ = try BusLinks(folder: folders.dedupe, name: "dedupe", isInsecureAllowed: false).bind("tcp://0.0.0.0:7101")
    }

    @Test func `secret keys are for their owner's eyes, and are never made over`() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let folders = try hosts(knowingEachOther: true)
        #expect(throws: SettingsError.self) { try CurveFiles(folder: folders.dedupe).make(name: "dedupe") }
        #expect(throws: SettingsError.self) { try CurveFiles(folder: folders.dedupe).make(name: "../up") }
        #expect(throws: SettingsError.self) {
            try BusLinks(folder: folders.dedupe, name: "query", isInsecureAllowed: true)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folders.dedupe + "/dedupe.key")
        #expect(throws: SettingsError.self) {
            try BusLinks(folder: folders.dedupe, name: "dedupe", isInsecureAllowed: true)
        }
        let bus = try BusLinks(folder: folders.ingest, name: "ingest", isInsecureAllowed: false)
        #expect(throws: SettingsError.self) { try bus.connect("tcp://127.0.0.1:7122", to: "query") }
    }
}
