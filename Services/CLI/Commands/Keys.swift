import Access
import ArgumentParser
import CurveFiles
import Foundation
import Settings
import ZeroMQ

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list and take back the keys that open the services.",
        subcommands: [Create.self, List.self, Revoke.self, Curve.self, Deployment.self], defaultSubcommand: List.self)

    /// Where the keys lie.
    struct FileOption: ParsableArguments {
        @Option(help: "The file with the keys (TOLLBOOK_KEYS).")
        var keys = Environment.text("TOLLBOOK_KEYS") ?? ""

        /// The file.
        func file() throws -> KeyFile {
            guard !keys.isEmpty else { throw ValidationError("name the keys file with --keys or TOLLBOOK_KEYS") }
            return KeyFile(path: keys)
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print its secret, once: only a hash of it is kept.")

        @OptionGroup var option: FileOption

        @Option(help: "Whose data the key concerns.")
        var tenant: String

        @Option(help: "What it allows: ingest, read, admin, divided by commas.")
        var scopes = "ingest,read"

        @Option(help: "The most requests a minute.")
        var rate = KeyRecord.usualRequestsPerMinute

        @Option(help: "What it is for, in your words.")
        var note: String?

        func validate() throws {
            guard rate > 0 else { throw ValidationError("--rate is at least 1") }
            guard KeyRecord.isTenantName(tenant) else {
                throw ValidationError("--tenant is a name of 1 to 128 bytes without control characters")
            }
            guard KeyRecord.isOneLine(note ?? "") else {
                throw ValidationError("--note is one line without control characters")
            }
            _ = try parsedScopes()
        }

        func run() throws {
            let secret = KeySecret.make()
            let record = KeyRecord(
                secret, tenant: tenant, scopes: try parsedScopes(), created: Date.now.formatted(.iso8601), note: note,
                requestsPerMinute: rate)
            try option.file().update { $0.append(record) }
            Terminal.report("key \(record.id) of tenant \(tenant); the secret is shown this once:")
            Terminal.write(secret.text + "\n")
        }

        private func parsedScopes() throws -> Set<AccessScope> {
            let names = scopes.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            let parsed = names.compactMap(AccessScope.init(rawValue:))
            guard parsed.count == names.count, !parsed.isEmpty else {
                let known = AccessScope.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--scopes \(scopes) is not a list of \(known)")
            }
            return Set(parsed)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the keys; their secrets are not kept.")

        @OptionGroup var option: FileOption

        func run() throws {
            for key in try option.file().load() {
                let scopes = key.scopes.map(\.rawValue).sorted().joined(separator: ",")
                let state = key.revoked.map { "revoked \($0)" } ?? "in force"
                let line = [
                    key.id, key.tenant, scopes, "\(key.requestsPerMinute)/min", key.created, state, key.note ?? "",
                ]
                Terminal.write(line.joined(separator: "\t") + "\n")
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a key back; services stop taking it within a second.")

        @OptionGroup var option: FileOption

        @Argument(help: "The key's id, as list shows it.")
        var id: String

        func run() throws {
            let now = Date.now.formatted(.iso8601)
            try option.file().update { keys throws(SettingsError) in
                guard let index = keys.firstIndex(where: { $0.id == id }) else {
                    throw SettingsError("there is no key \(id); tollbook keys list shows those that are")
                }
                if keys[index].revoked == nil { keys[index].revoked = now }
            }
            Terminal.report("key \(id) is revoked")
        }
    }

    struct Curve: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the CURVE keys of one process on the bus between hosts.",
            discussion: """
                Make one pair for each of ingest, dedupe, pricing, query, and subscriber. NAME.key stays where the process \
                runs; NAME.pub goes into the folder of every process that it talks to, which thereby lets it in.
                """)

        @Argument(help: "The name of the process: ingest, dedupe, pricing, query, subscriber, ...")
        var name: String

        @Option(help: "The folder of CURVE keys (TOLLBOOK_CURVE).")
        var folder = Environment.text("TOLLBOOK_CURVE") ?? "curve"

        func run() throws {
            let paths = try CurveFiles(folder: folder).make(name: name)
            Terminal.report("secret: \(paths.key) (stays here)")
            Terminal.report("public: \(paths.publicKey) (copy it to its peers)")
        }
    }
    struct Deployment: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the CURVE keys of a whole deployment: a folder for each service.",
            discussion: """
                Each folder holds the service's own pair and the public keys of the others; give a service its own alone. \
                What is there already stays. With --keys an empty list of keys for HTTP is made too, if there is none.
                """)

        /// The processes that talk to each other on the bus.
        private static let services = ["ingest", "dedupe", "pricing", "query"]

        @Argument(help: "The folder in which the services' folders are made.")
        var folder: String

        @Option(help: "The file with the keys for HTTP (TOLLBOOK_KEYS).")
        var keys = Environment.text("TOLLBOOK_KEYS") ?? ""

        func run() throws {
            let files = Self.services.map { (name: $0, folder: CurveFiles(folder: "\(folder)/\($0)")) }
            for (name, own) in files where !own.hasPair(named: name) {
                Terminal.report("secret: \(try own.make(name: name).key)")
            }
            for (name, own) in files {
                for (peer, other) in files where peer != name {
                    try own.add(try other.pair(named: peer).publicKey, named: peer)
                }
            }
            guard !keys.isEmpty, !FileManager.default.fileExists(atPath: keys) else { return }
            try KeyFile(path: keys).update { _ in }
            Terminal.report("keys: \(keys), none so far; make them with tollbook keys create")
        }
    }
}
