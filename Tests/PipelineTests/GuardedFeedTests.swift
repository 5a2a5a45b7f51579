import CurveFiles
import Foundation
import Settings
import Testing
import ZeroMQ

@testable import Pipeline

/// A feed with keys: who gets what of it, whatever it asks for.
@Suite(.timeLimit(.minutes(30)))
struct GuardedFeedTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "tollbook-feed-\(UUID().uuidString)").path

    /// The keys of query, of an operator, of two tenants and of a stranger, laid out as in a deployment.
    private func deployment() throws -> String {
        let query = root + "/query"
        _ = try CurveFiles(folder: query).make(name: "query")
        for (name, place) in [("operator", ""), ("acme", "/tenants/acme"), ("beta", "/tenants/beta")] {
            let made = try CurveFiles(folder: root + "/" + name).make(name: "subscriber")
            try FileManager.default.createDirectory(atPath: query + place, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: made.publicKey, toPath: query + place + "/\(name).pub")
        }
        _ = try CurveFiles(folder: root + "/stranger").make(name: "subscriber")
        return query
    }

    private func security(of name: String) throws -> CurveSecurity {
        let server = try #require(CurveFiles(folder: root + "/query").publicKeys()["query"])
        return .client(serverKey: server, keys: try CurveFiles(folder: root + "/" + name).pair(named: "subscriber"))
    }

    /// A grant as the feed's: guests get the topics of their group.
    private static func grant(_ asked: [UInt8], _ audience: Audience) -> [[UInt8]] {
        guard case .guest(let group) = audience else { return audience == .peer ? [asked] : [] }
        let own = Array("v1.\(group).".utf8)
        return asked.starts(with: own) ? [asked] : own.starts(with: asked) ? [own] : []
    }

    @Test(arguments: [
        ("operator", "v1.", ["v1.acme.1", "v1.beta.2"]), ("acme", "v1.", ["v1.acme.1"]), ("acme", "", ["v1.acme.1"]),
        ("acme", "v1.beta.", []), ("beta", "v1.beta.2", ["v1.beta.2"]), ("stranger", "", []),
    ])
    func `a subscriber gets what its key allows`(name: String, asked: String, expected: [String]) throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let bus = try BusLinks(folder: deployment(), name: "query", isInsecureAllowed: false)
        // Whoever drops the environment closes its gate.
        let environment = try StageEnvironment()
        defer { withExtendedLifetime(environment) {} }
        var publisher = try TopicPublisher(bus.bindFeed("tcp://127.0.0.1:*"), in: environment)
        var options = SocketOptions.standard
        options.curve = try security(of: name)
        let subscriber = try Socket<Subscribe>(in: Context(), options: options)
        try subscriber.subscribe(to: asked)
        try subscriber.connect(try #require(Endpoint(publisher.link.description)))
        // Published again and again: a connection that breaks off and comes back loses what was published meanwhile.
        var got: Set<String> = []
        let deadline = ContinuousClock.now + (expected.isEmpty ? .seconds(1) : .seconds(120))
        var patience = 5
        while ContinuousClock.now < deadline, patience > 0 {
            try publisher.serveSubscriptions(Self.grant)
            for frame in ["v1.acme.1", "v1.beta.2"] { try publisher.publish(topic: frame, []) }
            while try subscriber.wait(for: .readable, timeout: .milliseconds(50)),
                let message = try subscriber.receive()
            {
                got.insert(String(decoding: message.copiedBytes(), as: UTF8.self))
            }
            // What must not come gets some more chances to.
            if !expected.isEmpty, got.isSuperset(of: expected) { patience -= 1 }
        }
        #expect(got == Set(expected))
    }

    @Test func `a guest's key opens the feed and no other socket`() throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let bus = try BusLinks(folder: deployment(), name: "query", isInsecureAllowed: false)
        // In one context, as in a stage: one gate judges for both.
        let environment = try StageEnvironment()
        let publisher = try TopicPublisher(bus.bindFeed("tcp://127.0.0.1:*"), in: environment)
        let charges = try LinkedSocket<Pull>(bus.bind("tcp://127.0.0.1:*"), in: environment)
        for (name, mayPush) in [("operator", true), ("acme", false)] {
            var options = SocketOptions.standard
            options.curve = try security(of: name)
            let push = try Socket<Push>(in: Context(), options: options)
            try push.connect(try #require(Endpoint(charges.link.description)))
            #expect(try push.wait(for: .writable, timeout: mayPush ? .seconds(120) : .seconds(1)) == mayPush)
        }
        #expect(publisher.link.port != charges.link.port)
        withExtendedLifetime(environment) {}
    }

    @Test func `a key of two groups, or of a guest and a process, is refused`() throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let query = try deployment()
        let files = FileManager.default
        try files.copyItem(atPath: query + "/tenants/acme/acme.pub", toPath: query + "/tenants/beta/too.pub")
        #expect(throws: SettingsError.self) { try BusLinks(folder: query, name: "query", isInsecureAllowed: false) }
        try files.removeItem(atPath: query + "/tenants/beta/too.pub")
        try files.copyItem(atPath: query + "/tenants/acme/acme.pub", toPath: query + "/other.pub")
        #expect(throws: SettingsError.self) { try BusLinks(folder: query, name: "query", isInsecureAllowed: false) }
    }
}
