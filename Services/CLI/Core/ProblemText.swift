import Wire

/// What a service says when it refuses a request.
public enum ProblemText {
    /// The sentence in an `application/problem+json` body, or the status where there is none; where a key is wanted, with
    /// how a command shows one.
    public static func message(of body: [UInt8], status: Int) -> String {
        var title: String?
        var detail: String?
        do throws(JSONError) {
            var json = JSONReader(body)
            try json.object { key, json throws(JSONError) in
                switch key {
                case "title": title = try json.optionalString()
                case "detail": detail = try json.optionalString()
                default: try json.skip()
                }
            }
        } catch {
            return "the service answered with status \(status)"
        }
        let message = detail ?? title ?? "the service answered with status \(status)"
        return status == 401 ? message + "; commands show the one in the file that TOLLBOOK_KEY_FILE names" : message
    }

    /// The number after which changes can be asked for, where those asked for were removed.
    public static func resumeAfter(_ body: [UInt8]) -> Int64? {
        var number: Int64?
        do throws(JSONError) {
            var json = JSONReader(body)
            try json.object { key, json throws(JSONError) in
                guard case "resume_after" = key else { return try json.skip() }
                number = try json.int64()
            }
        } catch {
            return nil
        }
        return number
    }
}
