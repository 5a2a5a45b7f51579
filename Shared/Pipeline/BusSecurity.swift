import CurveFiles
public import Settings
import ZeroMQ

/// The keys of one process on the bus: its own, and those of every process it talks to.
///
/// They lie in one folder: `NAME.key` with both keys of this process, readable by its owner alone, and a `NAME.pub` for
/// each process of the deployment. Whoever has a `.pub` there may connect; nobody else may. `tollbook keys curve` makes
/// them. Guests lie a folder deeper, `tenants/GROUP/NAME.pub`: they may connect to the feed alone, and see what their group
/// may see of it.
public struct BusSecurity: Sendable {
    /// Where the folders of guests lie.
    static let guestFolder = "tenants"

    private let own: CurveKeyPair
    private let peers: [String: CurveKey]
    private let guests: [CurveKey: String]

    /// Reads the folder, or gives `nil` where none is named.
    ///
    /// - Parameters:
    ///   - folder: the folder; `nil` for a bus without keys.
    ///   - name: this process's name in it.
    public static func load(_ folder: String?, as name: String) throws(SettingsError) -> BusSecurity? {
        guard let folder else { return nil }
        return try BusSecurity(folder: folder, name: name)
    }

    private init(folder: String, name: String) throws(SettingsError) {
        own = try CurveFiles(folder: folder).pair(named: name)
        peers = try CurveFiles(folder: folder).publicKeys()
        guests = try CurveFiles(folder: folder).publicKeys(ofGroupsIn: Self.guestFolder)
        if let both = guests.keys.first(where: Set(peers.values).contains),
            let name = peers.first(where: { $1 == both })
        {
            throw SettingsError(
                "the key of \(name.key).pub lies in \(folder)/\(Self.guestFolder) too; a process of the bus is no guest"
            )
        }
    }

    /// A bound end: whoever's public key is in the folder may connect.
    public func bind(_ endpoint: String) throws -> Link {
        try bind(endpoint, CurveClients(domain: "bus", users: peerUsers))
    }

    /// The bound end of a feed, to which guests may connect as well.
    public func bindFeed(_ endpoint: String) throws -> Link {
        let users = guests.mapValues { Audience.guest($0).user }
        return try bind(endpoint, CurveClients(domain: "feed", users: users.merging(peerUsers) { $1 }))
    }

    private var peerUsers: [CurveKey: String] {
        Dictionary(peers.values.map { ($0, Audience.peer.user) }) { $1 }
    }

    private func bind(_ endpoint: String, _ clients: CurveClients) throws -> Link {
        var link = try Link(.bind, endpoint)
        link.security = .server(secretKey: own.secretKey, allowing: clients)
        return link
    }

    /// A connecting end, which talks to the process of that name alone.
    public func connect(_ endpoint: String, to name: String) throws -> Link {
        guard let server = peers[name] else {
            throw SettingsError("the folder of CURVE keys has no \(name).pub; copy it there from where \(name) runs")
        }
        var link = try Link(.connect, endpoint)
        link.security = .client(serverKey: server, keys: own)
        return link
    }
}

/// How the ends of a service's links are protected: by keys, or by being reachable from this machine alone.
public struct BusLinks: Sendable {
    private let security: BusSecurity?
    private let isInsecureAllowed: Bool

    /// Decides it from what an operator set.
    ///
    /// - Parameters:
    ///   - folder: the folder with CURVE keys (`TOLLBOOK_CURVE`); empty for none.
    ///   - name: the service's name in it.
    ///   - isInsecureAllowed: whether a network without strangers is vouched for.
    public init(folder: String, name: String, isInsecureAllowed: Bool) throws(SettingsError) {
        security = try BusSecurity.load(folder.isEmpty ? nil : folder, as: name)
        self.isInsecureAllowed = isInsecureAllowed
    }

    /// A bound end; refused where others could reach it without keys, unless that is allowed.
    public func bind(_ endpoint: String) throws -> Link {
        if let security { return try security.bind(endpoint) }
        return try bindOpen(endpoint)
    }

    /// The bound end of a feed, to which guests may connect as well; refused as ``bind(_:)`` is.
    public func bindFeed(_ endpoint: String) throws -> Link {
        if let security { return try security.bindFeed(endpoint) }
        return try bindOpen(endpoint)
    }

    private func bindOpen(_ endpoint: String) throws -> Link {
        let link = try Link(.bind, endpoint)
        guard link.isLoopback || isInsecureAllowed else {
            throw SettingsError(
                "refusing to bind \(endpoint) without authentication; use tcp://127.0.0.1, or give CURVE keys with "
                    + "--curve (TOLLBOOK_CURVE), or, on a network that only trusted machines reach, allow it with "
                    + "--insecure-allow (TOLLBOOK_INSECURE_ALLOW=true)")
        }
        return link
    }

    /// A connecting end, to the service of that name.
    public func connect(_ endpoint: String, to name: String) throws -> Link {
        if let security { return try security.connect(endpoint, to: name) }
        return try Link(.connect, endpoint)
    }
}
