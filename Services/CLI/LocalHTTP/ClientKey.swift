import FoundationEssentials
import Settings

/// The key that a command shows to services that ask for one: what the file named by `TOLLBOOK_KEY_FILE` holds.
///
/// A file, because arguments and variables are seen by whoever lists processes.
enum ClientKey {
    /// The value of the `Authorization` header, read once; `nil` where no file is named.
    static let authorization = read(Environment.text("TOLLBOOK_KEY_FILE"))

    /// Reads a file; one that cannot be used is told here, not by the service that misses the key.
    static func read(_ path: String?) -> Result<String?, HTTPFailure> {
        guard let path else { return .success(nil) }
        guard SecretFile.isExposed(path) != true else {
            return .failure(
                .unusableKey("others may read the key file \(path) (TOLLBOOK_KEY_FILE); close it with chmod 600"))
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            return .failure(
                .unusableKey("the key file \(path) (TOLLBOOK_KEY_FILE) cannot be read; correct the name, or unset it"))
        }
        let secret = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
        guard !secret.isEmpty, secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return .failure(
                .unusableKey(
                    "the key file \(path) (TOLLBOOK_KEY_FILE) holds no key; put in what tollbook keys create printed"))
        }
        return .success("Bearer " + secret)
    }
}
