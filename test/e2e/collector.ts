// A collector of traces: a real HTTP server that takes OTLP as JSON, and keeps what arrives for the tests to ask.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface CollectedSpan {
  service: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  attributes: Record<string, unknown>;
  startMs: number;
  endMs: number;
}

interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: Record<string, unknown> }[];
}

interface OtlpRequest {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue: string } }[] };
    scopeSpans: { spans: OtlpSpan[] }[];
  }[];
}

function spansOf({ resourceSpans }: OtlpRequest): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? "";
    return scopeSpans
      .flatMap(({ spans }) => spans)
      .map((span) => ({
        service,
        traceId: span.traceId,
        spanId: span.spanId,
        name: span.name,
        parentSpanId: span.parentSpanId,
        attributes: Object.fromEntries(
          span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
        ),
        startMs: Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000,
        endMs: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000,
      }));
  });
}

export interface Collector {
  /** host:port */
  host: string;
  close(): void;
}

/** POST /v1/traces as every collector has it; GET gives back all bodies so far. */
export async function startCollector(): Promise<Collector> {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === "GET") return response.end(bodies.join("\n"));
    let body = "";
    for await (const chunk of request) body += chunk;
    if (request.url !== "/v1/traces") return response.writeHead(404).end();
    bodies.push(JSON.stringify(JSON.parse(body)));
    return response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** All that has arrived, as it was sent. */
export const collectedText = async (host: string): Promise<string> => (await fetch(`http://${host}/`)).text();

export async function collectedSpans(host: string, traceId: string): Promise<CollectedSpan[]> {
  const bodies = (await collectedText(host)).split("\n").filter((body) => body.includes(traceId));
  return bodies.flatMap((body) => spansOf(JSON.parse(body))).filter((span) => span.traceId === traceId);
}
