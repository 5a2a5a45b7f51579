import Crypto

/// What becomes of the identity of the person behind a call.
public enum IdentityPolicy: Sendable {
    /// It is not kept.
    case drop
    /// A keyed hash is kept: the same person stays one person, and who it is cannot be told without the key.
    case pseudonym(key: [UInt8])
    /// It is kept as reported.
    case keep

    /// What is kept of an identity.
    func apply(to identity: String) -> String? {
        switch self {
        case .drop: return nil
        case .keep: return identity
        case .pseudonym(let key):
            let code = HMAC<SHA256>.authenticationCode(for: Array(identity.utf8), using: SymmetricKey(data: key))
            return "user-" + Hexadecimal.string(Array(code).prefix(10))
        }
    }
}

/// The kept names of the users of one request; most of its records have the same one.
final class UserNames {
    private let policy: IdentityPolicy
    private var last: (identity: String, kept: String?)?

    init(policy: IdentityPolicy) {
        self.policy = policy
    }

    /// What is kept of an identity.
    func kept(of identity: String) -> String? {
        if let last, last.identity == identity { return last.kept }
        let kept = policy.apply(to: identity)
        last = (identity, kept)
        return kept
    }
}
