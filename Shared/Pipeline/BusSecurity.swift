import CurveFiles
public import Settings
import ZeroMQ

/// The keys of one process on the bus: its own, and those of every process it talks to.
///
/// They lie in one folder: `NAME.key` with both keys of this process, readable by its owner alone, and a `NAME.pub` for
/// each process of the deployment. Whoever has a `.pub` there may connect; nobody else may. `tollbook keys curve` makes
/// them.
public struct BusSecurity: Sendable {
    private let own: CurveKeyPair
    private let peers: [String: CurveKey]

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
    }

    /// A bound end: whoever's public key is in the folder may connect.
    public func bind(_ endpoint: String) throws -> Link {
        var link = try Link(.bind, endpoint)
        link.security = .server(secretKey: own.secretKey, allowing: Set(peers.values))
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
