public import Wire

extension JSONReader {
    /// Reads an instant: RFC 3339 text.
    public mutating func timestamp() throws(JSONError) -> Timestamp {
        let start = index
        guard let timestamp = Timestamp(rfc3339: try string()) else {
            throw JSONError(.invalidValue, at: start, member: "time")
        }
        return timestamp
    }

    /// Reads an amount: a string holding a decimal number of US dollars.
    public mutating func amount() throws(JSONError) -> Amount {
        let start = index
        guard let amount = Amount(dollars: try string()) else {
            throw JSONError(.invalidValue, at: start, member: "amount")
        }
        return amount
    }

    /// Reads a content identity: 32 hexadecimal digits.
    public mutating func contentID() throws(JSONError) -> ContentID {
        let start = index
        guard let id = ContentID(hexadecimal: try string()) else {
            throw JSONError(.invalidValue, at: start, member: "id")
        }
        return id
    }

    /// Reads one of a closed set of names.
    public mutating func name<Name: RawRepresentable>(_ type: Name.Type) throws(JSONError) -> Name
    where Name.RawValue == String {
        let start = index
        guard let name = Name(rawValue: try string()) else { throw JSONError(.invalidValue, at: start) }
        return name
    }

    /// Reads token counts; classes that this build does not know are passed over.
    public mutating func tokenCounts() throws(JSONError) -> TokenCounts {
        var tokens = TokenCounts()
        try object { key, json throws(JSONError) in
            switch key {
            case "uncached_input": tokens.uncachedInput = try json.int64()
            case "cache_read": tokens.cacheRead = try json.int64()
            case "cache_write_5m": tokens.cacheWrite5m = try json.int64()
            case "cache_write_1h": tokens.cacheWrite1h = try json.int64()
            case "cache_write": tokens.cacheWrite = try json.int64()
            case "output": tokens.output = try json.int64()
            case "reasoning": tokens.reasoning = try json.int64()
            default: try json.skip()
            }
        }
        return tokens
    }

    /// Reads the counts of a call's billed parts.
    mutating func billedParts() throws(JSONError) -> [TokenCounts] {
        var parts: [TokenCounts] = []
        try array { json throws(JSONError) in parts.append(try json.tokenCounts()) }
        return parts
    }

    /// Reads an attribution; parts that this build does not know are passed over.
    public mutating func attribution() throws(JSONError) -> Attribution {
        var value = Attribution()
        try object { key, json throws(JSONError) in
            switch key {
            case "caller": value.caller = try json.string()
            case "agent_name": value.agentName = try json.string()
            case "agent_id": value.agentID = try json.string()
            case "parent_agent_id": value.parentAgentID = try json.string()
            case "project": value.project = try json.string()
            case "repository": value.repository = try json.string()
            case "branch": value.branch = try json.string()
            case "user": value.user = try json.string()
            case "team": value.team = try json.string()
            case "host": value.host = try json.string()
            case "ci_run": value.ciRun = try json.string()
            default: try json.skip()
            }
        }
        return value
    }

    /// Reads a trace context.
    public mutating func traceContext() throws(JSONError) -> TraceContext {
        var trace = TraceContext(traceID: "", spanID: "")
        try object { key, json throws(JSONError) in
            switch key {
            case "trace_id": trace.traceID = try json.string()
            case "span_id": trace.spanID = try json.string()
            case "parent_span_id": trace.parentSpanID = try json.string()
            default: try json.skip()
            }
        }
        return trace
    }
}

extension JSONWriter {
    /// Writes an instant as RFC 3339 text in UTC.
    public mutating func member(_ name: StaticString, _ value: Timestamp?) {
        guard let value else { return }
        key(name)
        string(value.description)
    }

    /// Writes an amount as a string holding a decimal number of US dollars.
    public mutating func member(_ name: StaticString, _ value: Amount?) {
        guard let value else { return }
        key(name)
        string(value.description)
    }

    /// Writes token counts as an object; classes that are not reported are left out.
    public mutating func member(_ name: StaticString, _ value: TokenCounts) {
        key(name)
        tokenCounts(value)
    }

    private mutating func tokenCounts(_ value: TokenCounts) {
        object { json in
            json.member("uncached_input", value.uncachedInput)
            json.member("cache_read", value.cacheRead)
            json.member("cache_write_5m", value.cacheWrite5m)
            json.member("cache_write_1h", value.cacheWrite1h)
            json.member("cache_write", value.cacheWrite)
            json.member("output", value.output)
            json.member("reasoning", value.reasoning)
        }
    }

    /// Writes counts of parts as an array of objects, or nothing where there are none.
    mutating func member(_ name: StaticString, _ parts: [TokenCounts]) {
        guard !parts.isEmpty else { return }
        key(name)
        array { json in
            for part in parts { json.tokenCounts(part) }
        }
    }

    /// Writes an attribution as an object, or nothing when it is empty.
    public mutating func member(_ name: StaticString, _ value: Attribution) {
        guard !value.isEmpty else { return }
        key(name)
        object { json in
            json.member("caller", value.caller)
            json.member("agent_name", value.agentName)
            json.member("agent_id", value.agentID)
            json.member("parent_agent_id", value.parentAgentID)
            json.member("project", value.project)
            json.member("repository", value.repository)
            json.member("branch", value.branch)
            json.member("user", value.user)
            json.member("team", value.team)
            json.member("host", value.host)
            json.member("ci_run", value.ciRun)
        }
    }

    /// Writes a trace context as an object, or nothing when there is none.
    public mutating func member(_ name: StaticString, _ value: TraceContext?) {
        guard let value else { return }
        key(name)
        object { json in
            json.member("trace_id", value.traceID)
            json.member("span_id", value.spanID)
            json.member("parent_span_id", value.parentSpanID)
        }
    }

    /// Writes a scope's members into the object that is open.
    public mutating func members(of scope: Scope) {
        member("tenant", scope.tenant)
        member("harness", scope.harness.rawValue)
        member("session", scope.session)
        if !scope.isSessionKnown { member("session_known", false) }
    }
}
