extension IngestMetrics {
    /// What each metric says, by the name it is shown under.
    static let help = [
        "tollbook_ingest_accepted_events_total": "Events accepted, by channel and harness.",
        "tollbook_ingest_acknowledged_events_total": "Events that dedupe has on disk.",
        "tollbook_ingest_adopted_spools": "Spools of other processes that are being drained.",
        "tollbook_ingest_commit_events": "Events of one group commit of the spool.",
        "tollbook_ingest_followed_bytes_total": "Bytes of session files that were read while following them.",
        "tollbook_ingest_followed_file_failures_total": "Times a followed session file could not be read.",
        "tollbook_ingest_followed_files": "Session files that are followed.",
        "tollbook_ingest_followed_files_rewritten": "Followed session files that were found rewritten.",
        "tollbook_ingest_followed_files_waiting": "Followed session files with something left to read.",
        "tollbook_ingest_http_requests_total": "Requests, by signal and status.",
        "tollbook_ingest_ignored_records_total": "Records that say nothing about usage.",
        "tollbook_ingest_lost_events_total": "Events that a damaged spool could not supply.",
        "tollbook_ingest_outstanding_events": "Events that dedupe has not acknowledged.",
        "tollbook_ingest_rejected_records_total": "Records that could not be used, by reason.",
        "tollbook_ingest_resent_events_total": "Events sent again.",
        "tollbook_ingest_spool_bytes": "Bytes of the spool on disk.",
        "tollbook_ingest_spool_synchronization_seconds": "How long writing the spool to disk took.",
        "tollbook_ingest_unreadable_spools_total": "Spools that could not be read.",
        "tollbook_ingest_unreadable_watermarks_total": "Watermarks that could not be read.",
    ]
}
