/// What is kept of a key.
public struct KeyRecord: Codable, Hashable, Sendable {
    /// The key's own name.
    public let id: String
    /// Whose data it concerns.
    public let tenant: String
    /// What it allows.
    public let scopes: Set<AccessScope>
    /// The hash of its secret.
    public let hash: String
    /// When it was made, as RFC 3339.
    public let created: String
    /// When it was taken back.
    public var revoked: String?
    /// What it is for, in the operator's words.
    public let note: String?
    /// The most requests a minute.
    public let requestsPerMinute: Int

    /// The most requests a minute of a key that is made without another limit.
    public static let usualRequestsPerMinute = 6000

    /// Whether a text can be the name of a tenant: 1 to 128 bytes, none of which steers a terminal, a log or a list.
    public static func isTenantName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 128 && isOneLine(text)
    }

    /// Whether a text holds no control characters and no ends of lines.
    public static func isOneLine(_ text: String) -> Bool {
        !text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
    }

    enum CodingKeys: String, CodingKey {
        case id, tenant, scopes, hash, created, revoked, note
        case requestsPerMinute = "requests_per_minute"
    }

    /// Records a new key.
    public init(
        _ secret: KeySecret, tenant: String, scopes: Set<AccessScope>, created: String, note: String?,
        requestsPerMinute: Int = usualRequestsPerMinute
    ) {
        id = secret.keyID
        self.tenant = tenant
        self.scopes = scopes
        hash = secret.hash
        self.created = created
        self.note = note
        self.requestsPerMinute = requestsPerMinute
    }

    /// Whether a secret is the key's; takes the same time for every wrong one.
    func isOpened(by secret: KeySecret) -> Bool {
        let (own, shown) = (Array(hash.utf8), Array(secret.hash.utf8))
        guard own.count == shown.count else { return false }
        var difference: UInt8 = 0
        for index in own.indices { difference |= own[index] ^ shown[index] }
        return difference == 0
    }

    /// What the key allows.
    var grant: AccessGrant { AccessGrant(keyID: id, tenant: tenant, scopes: scopes) }
}
