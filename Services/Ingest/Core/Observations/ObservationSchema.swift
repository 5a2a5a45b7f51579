/// The JSON Schema of an observation as `POST /v1/observations` takes it.
public enum ObservationSchema {
    /// The content type of the text.
    public static let contentType = "application/schema+json"

    /// The schema.
    public static let text = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "urn:tollbook:observation:v1",
          "title": "Observation",
          "description": "One model call, as a gateway or script reports it. It needs something that tells it from other calls (id, keys or time) and something that was used (tokens or cost).",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "id": {
              "description": "Your own id of this report. Sent again with the same content it changes nothing; with other counts it is refused, and what came first stands.",
              "type": ["string", "null"]
            },
            "time": {
              "description": "When the call ended, RFC 3339. Without it, when the report came.",
              "type": ["string", "null"],
              "format": "date-time",
              "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
            },
            "harness": { "description": "The agent or program that called.", "type": ["string", "null"] },
            "session": { "description": "Its conversation.", "type": ["string", "null"] },
            "provider": {
              "description": "Who served the call, as OpenTelemetry's gen_ai.provider.name.",
              "type": ["string", "null"]
            },
            "model": { "description": "The model, as the provider names it.", "type": ["string", "null"] },
            "keys": {
              "description": "The call's identities elsewhere, space:kind:value, such as anthropic:req:req_011CZx (request), anthropic:msg:msg_01 (message), openai:resp:resp_0a1b (response). They join this report with what other channels say of the call.",
              "type": ["array", "null"],
              "maxItems": 16,
              "items": {
                "type": "string",
                "pattern": "^[a-z0-9_.-]{1,64}:(req|resp|msg|creq|iter|step|span|rec):.+$"
              }
            },
            "tokens": {
              "description": "Counts that do not overlap; leave out, or null, what is not known. 0 says that there were none.",
              "type": ["object", "null"],
              "additionalProperties": false,
              "properties": {
                "uncached_input": {
                  "description": "Input neither read from nor written to a prompt cache.",
                  "$ref": "#/$defs/count"
                },
                "cache_read": { "description": "Input read from a prompt cache.", "$ref": "#/$defs/count" },
                "cache_write_5m": { "description": "Input written for five minutes.", "$ref": "#/$defs/count" },
                "cache_write_1h": { "description": "Input written for one hour.", "$ref": "#/$defs/count" },
                "cache_write": { "description": "Input written, for how long not known.", "$ref": "#/$defs/count" },
                "output": { "description": "Output, including reasoning.", "$ref": "#/$defs/count" },
                "reasoning": { "description": "The part of output that was reasoning.", "$ref": "#/$defs/count" }
              }
            },
            "cost": {
              "description": "The cost in US dollars, as decimal text, exact to the picodollar.",
              "type": ["string", "null"],
              "pattern": "^(0|[1-9][0-9]{0,6})([.][0-9]{1,12})?$"
            },
            "service_tier": { "description": "The tier that was served.", "type": ["string", "null"] },
            "speed": { "description": "The speed that was served.", "type": ["string", "null"] },
            "inference_geo": { "description": "The region the inference was bound to.", "type": ["string", "null"] },
            "web_search_requests": {
              "description": "Billable web searches made by the provider during the call.",
              "$ref": "#/$defs/count"
            },
            "attribution": {
              "description": "Who and what it was for.",
              "type": ["object", "null"],
              "additionalProperties": false,
              "properties": {
                "caller": { "description": "lead, subagent, title, compact, ...", "type": ["string", "null"] },
                "agent_name": { "type": ["string", "null"] },
                "agent_id": { "type": ["string", "null"] },
                "parent_agent_id": { "type": ["string", "null"] },
                "project": { "type": ["string", "null"] },
                "repository": { "type": ["string", "null"] },
                "branch": { "type": ["string", "null"] },
                "user": { "description": "Kept as the deployment's identity policy says.", "type": ["string", "null"] },
                "team": { "type": ["string", "null"] },
                "host": { "type": ["string", "null"] },
                "ci_run": { "type": ["string", "null"] }
              }
            },
            "trace": {
              "description": "Where the call stands in a trace, in hexadecimal.",
              "type": ["object", "null"],
              "additionalProperties": false,
              "properties": {
                "trace_id": { "type": ["string", "null"], "pattern": "^[0-9A-Fa-f]{32}$" },
                "span_id": { "type": ["string", "null"], "pattern": "^[0-9A-Fa-f]{16}$" },
                "parent_span_id": { "type": ["string", "null"], "pattern": "^[0-9A-Fa-f]{16}$" }
              }
            }
          },
          "allOf": [
            {
              "anyOf": [
                { "required": ["id"], "properties": { "id": { "type": "string" } } },
                { "required": ["keys"], "properties": { "keys": { "type": "array", "minItems": 1 } } },
                { "required": ["time"], "properties": { "time": { "type": "string" } } }
              ]
            },
            {
              "anyOf": [
                { "required": ["tokens"], "properties": { "tokens": { "type": "object", "minProperties": 1 } } },
                { "required": ["cost"], "properties": { "cost": { "type": "string" } } }
              ]
            }
          ],
          "$defs": {
            "count": { "type": ["integer", "null"], "minimum": 0, "maximum": 1000000000000 }
          }
        }
        """#
}
