import Hummingbird
import Operations
import Reporting

/// The service's HTTP interface over a ledger.
struct QueryAPI: Sendable {
    let ledger: any LedgerReading
    let head: LedgerHead
    let hosts: AllowedHosts
    /// The zone of reports that name none.
    let zone: ZoneOffsets
    let operations: OperatorRoutes

    /// All routes.
    func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: GuardMiddleware(hosts: hosts))
        operations.add(to: router)
        UsageRoutes(ledger: ledger, zone: zone).add(to: router)
        SessionRoutes(ledger: ledger, zone: zone).add(to: router)
        ChangeRoutes(ledger: ledger, head: head).add(to: router)
        TokenRoutes(ledger: ledger).add(to: router)
        DashboardRoutes().add(to: router)
        return router
    }
}
