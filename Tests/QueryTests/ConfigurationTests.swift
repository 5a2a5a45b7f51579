import ArgumentParser
import Foundation
import Reporting
import Settings
import Testing

@testable import QueryService

@Suite struct `What an operator sets` {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "tollbook-set-\(UUID().uuidString)")
        .path

    private func file(_ text: String, mode: Int) throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/\(mode)"
        let isMade = FileManager.default.createFile(
            atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        #expect(isMade)
        return path
    }

    @Test func `a webhook's address may lie in a file that others may not read`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let secret = try file("https://hooks.example/T0/B0/x\n", mode: 0o600)
        #expect(
            try QueryConfiguration.parse(["--webhook", secret]).webhookAddress() == "https://hooks.example/T0/B0/x")
        #expect(try QueryConfiguration.parse(["--webhook", "http://h"]).webhookAddress() == "http://h")
        #expect(try QueryConfiguration.parse([]).webhookAddress() == nil)
        for wrong in [
            try file("https://h", mode: 0o644), try file("nothing", mode: 0o400), folder + "/none", "ftp://h",
        ] {
            #expect(throws: (any Error).self) { try QueryConfiguration.parse(["--webhook", wrong]) }
        }
    }

    @Test func `retention that says nothing is refused at start`() throws {
        #expect(try QueryConfiguration.parse(["--retention-days", "400,acme=90"]).retention().days(of: "acme") == 90)
        #expect(throws: (any Error).self) { try QueryConfiguration.parse(["--retention-days", "soon"]) }
    }
}
