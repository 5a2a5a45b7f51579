import Metering

/// Where a record stands: what a reader needs besides the record itself.
struct ReadingContext {
    /// Whose data this is.
    let tenant: String
    /// When ingest took it in.
    var receivedTime: Timestamp
    /// What is kept of the identity of users.
    let users: UserNames
    /// The harness that sends, as its reader or its own name says.
    var harness: Harness
    /// Identity of the resource's whole attribute set, or of a file.
    var resourceID: ContentID
    /// The stream of one source; stands in for an unknown session, so that strangers never share a scope.
    var source: String
    /// Who and what the resource says usage was for.
    var attribution: Attribution
    /// The resource's `service.name`; `nil` where it says none.
    var service: String?
    /// The name of the instrumentation scope.
    var scopeName: ArraySlice<UInt8> = []

    /// An observation with everything filled in that does not depend on the dialect.
    func observation(
        _ id: ContentID, channel: Channel, session: String?, time: Timestamp?, content: Observation.Content
    ) -> Observation {
        var observation = Observation(
            id: id, tenant: tenant, harness: harness, session: session, channel: channel, source: source,
            eventTime: time ?? receivedTime, receivedTime: receivedTime, content: content)
        observation.attribution = attribution
        return observation
    }

    /// What is kept of the person behind a record.
    func user(of attributes: Attributes) -> String? {
        ResourceAttribution.user(of: attributes).flatMap(users.kept(of:)) ?? attribution.user
    }
}

extension ReadingContext {
    /// Identity of a log record: all of it.
    func id(of record: LogRecord) -> ContentID {
        var hasher = hasher("log")
        // A relay may stamp its own observation time on a record that has a time.
        hasher.add(record.time ?? record.observedTime)
        hasher.add(record.eventName)
        hasher.add(record.body)
        hasher.add(record.traceID)
        hasher.add(record.spanID)
        hasher.add(record.attributes)
        return hasher.identity()
    }

    /// Identity of a span: its ids, or all of it when it has none.
    func id(of span: Span) -> ContentID {
        var hasher = hasher("span")
        hasher.add(span.traceID)
        hasher.add(span.spanID)
        if span.traceID.isEmpty || span.spanID.isEmpty {
            hasher.add(span.name)
            hasher.add(span.start)
            hasher.add(span.end)
            hasher.add(span.attributes)
        }
        return hasher.identity()
    }

    /// Identity of a point: its series, its time and its value.
    func id(of point: MetricPoint) -> ContentID {
        var hasher = RecordHasher("metric")
        hasher.add(series(of: point))
        hasher.add(point.start)
        hasher.add(point.time)
        hasher.add(point.value)
        return hasher.identity()
    }

    /// Identity of a point's series: resource, scope, metric and every attribute.
    func series(of point: MetricPoint) -> ContentID {
        var hasher = hasher("series")
        hasher.add(point.metric)
        hasher.add(point.attributes)
        return hasher.identity()
    }

    /// Identity of what the series of a family share: everything but the metric's name and the token's type.
    func group(of point: MetricPoint, family: StaticString, typeAttribute: StaticString) -> ContentID {
        var hasher = hasher("group")
        hasher.add(family)
        hasher.add(point.attributes, except: { $0.equals(typeAttribute) })
        return hasher.identity()
    }

    private func hasher(_ kind: StaticString) -> RecordHasher {
        var hasher = RecordHasher(kind)
        hasher.add(resourceID)
        hasher.add(scopeName)
        return hasher
    }
}

extension CallKey {
    /// The key of a span; `nil` when it names no trace or no span.
    static func span(traceID: String, spanID: String) -> CallKey? {
        guard !traceID.isEmpty, !spanID.isEmpty else { return nil }
        return CallKey(space: "otel", kind: .span, value: traceID + "-" + spanID)
    }
}

extension TraceContext {
    /// Where a span stands; `nil` when it names no trace or no span.
    init?(traceID: String, spanID: String, parent: String = "") {
        guard !traceID.isEmpty, !spanID.isEmpty else { return nil }
        self.init(traceID: traceID, spanID: spanID, parentSpanID: parent.isEmpty ? nil : parent)
    }
}
