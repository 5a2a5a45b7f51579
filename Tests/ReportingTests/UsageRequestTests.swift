import Metering
import Reporting
import Testing

@Suite struct `A usage request` {
    private func request(_ query: String, accept: String? = nil) throws(RequestError) -> UsageRequest {
        try UsageRequest(Samples.parameters(query), accept: accept, zone: Samples.zone)
    }

    @Test(arguments: [
        ("group_by=day,colour", "group_by"), ("group_by=day,day", "group_by"), ("since=yesterday", "since"),
        ("until=2026-02-30", "until"), ("since=2026-02-02&until=2026-02-01", "until"),
        ("timezone=Mars/Base", "timezone"),
        ("cost=free", "cost"), ("limit=0", "limit"), ("limit=many", "limit"), ("cursor=zz", "cursor"),
        ("cursor=5b5d", "cursor"), ("format=xml", "format"), ("week_start=someday", "week_start"), ("modle=x", "modle"),
        ("model=a,,b", "model"), ("session=,", "session"), ("group_by=day,", "group_by"),
        ("group_by=day, model", "group_by"),
        ("cost=Auto", "cost"), ("limit=+5", "limit"), ("limit=05", "limit"), ("since=20260201", "since"),
        ("since=2026-02-01 10:00:00Z", "since"), ("since=9999-01-01&until=9999-12-31", "until"),
    ])
    func `is refused with the name of the parameter`(query: String, parameter: String) {
        let suffix = query.hasPrefix("cursor") ? "&group_by=model" : ""
        let error = #expect(throws: RequestError.self) { try self.request(query + suffix) }
        #expect(error?.parameter == parameter)
        #expect(error?.detail.isEmpty == false)
    }

    @Test func `takes dates in the zone, the last day whole`() throws {
        let request = try request("since=2026-03-29&until=2026-03-29&timezone=Europe/Berlin")
        #expect(request.since?.description == "2026-03-28T23:00:00Z")
        #expect(request.until?.description == "2026-03-29T22:00:00Z")
    }

    @Test func `takes instants as they are, with an offset whose plus became a space`() throws {
        let request = try request("since=2026-03-29T10:00:00+02:00&until=2026-03-29T10:00:00 01:00")
        #expect(request.since?.description == "2026-03-29T08:00:00Z")
        #expect(request.until?.description == "2026-03-29T09:00:00Z")
    }

    @Test func `takes lists of values and none`() throws {
        let request = try request("model=a,b&model=c&project=(none)&session=s1")
        #expect(request.filter.dimensions == [.model: ["a", "b", "c"], .project: [nil]])
        #expect(request.filter.sessions == ["s1"])
        #expect(request.filter.admits(Samples.dimensions([.model: "c"])))
        #expect(!request.filter.admits(Samples.dimensions([.model: "c", .project: "p"])))
    }

    @Test func `takes a comma inside a value`() throws {
        let request = try request(#"user=Doe\, Jane,ann&model=a\b,c\,"#)
        #expect(request.filter.dimensions == [.user: ["Doe, Jane", "ann"], .model: [#"a\b"#, "c,"]])
    }

    @Test(arguments: ["since=2026-02-02&until=2026-02-01", "model=a,,b", "limit=0", "since=2026-1-1"])
    func `is as strict for every list`(query: String) {
        let parameters = Samples.parameters(query)
        let readers: [() throws -> Void] = [
            { _ = try ChargeListRequest(parameters, defaultZone: .utc, zone: Samples.zone) },
            { _ = try DriftRequest(parameters, defaultZone: .utc, zone: Samples.zone) },
            { _ = try BlockRequest(parameters, zone: Samples.zone) },
            { _ = try SessionListRequest(parameters, zone: Samples.zone) },
            { _ = try UsageRequest(parameters, groups: FocusExport.groups) },
        ]
        for read in readers { #expect(throws: RequestError.self) { try read() } }
    }

    @Test func `chooses the form by parameter before header`() throws {
        #expect(try request("", accept: "text/csv").format == .csv)
        #expect(try request("format=json", accept: "text/csv").format == .json)
        #expect(try request("", accept: "*/*").format == .json)
    }
}
