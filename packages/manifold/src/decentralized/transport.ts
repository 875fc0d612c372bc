// How agents exchange: through mailboxes in one process, or over ports between threads. A message is a Float64Array; between two agents messages come in the order they were sent.
import { describe, HessiaError, misuse, requireNumber, type Vector } from "@hessia/core";

/** One agent's way to its neighbours. */
export interface AgentTransport {
  /** Sends a copy. */
  send(to: number, message: Vector): void;
  /** The next message of an agent. Rejected where it is known that none will come. */
  receive(from: number): Promise<Vector>;
}

/**
 * One end of a pair of ports: a `MessagePort` of a browser or of Node's worker threads, a worker, or a worker's parent port. It is listened to by `on`, or where that is missing by
 * `addEventListener`.
 */
export interface MessageEndpoint {
  postMessage(message: unknown): void;
  on?(event: "message" | "close" | "exit", listener: (message: unknown) => void): unknown;
  addEventListener?(event: "message" | "close", listener: (event: object) => void): void;
  start?(): void;
}

/** Hands messages and the end of an endpoint to listeners. @throws ArgumentError when the endpoint can't be posted or listened to. */
export function listen(
  routine: string,
  argument: string,
  endpoint: MessageEndpoint,
  onMessage: (message: unknown) => void,
  onClose: () => void,
): void {
  if (endpoint === null || typeof endpoint !== "object" || typeof endpoint.postMessage !== "function")
    misuse(routine, argument, describe(endpoint), "an endpoint with `postMessage`, for example a MessagePort");
  if (typeof endpoint.on === "function") {
    endpoint.on("message", onMessage);
    // Ports close, workers exit.
    endpoint.on("close", onClose);
    endpoint.on("exit", onClose);
  } else if (typeof endpoint.addEventListener === "function") {
    endpoint.addEventListener("message", (event) => onMessage((event as { readonly data?: unknown }).data));
    endpoint.addEventListener("close", onClose);
    endpoint.start?.();
  } else misuse(routine, argument, describe(endpoint), "an endpoint with `on` or `addEventListener`");
}

/** What came and wasn't taken, or who waits. */
interface Mailbox {
  put(message: Vector): void;
  take(): Promise<Vector>;
  close(why: string): void;
}

function newMailbox(): Mailbox {
  const waiting: { resolve: (message: Vector) => void; reject: (why: Error) => void }[] = [];
  const arrived: Vector[] = [];
  let closed: string | undefined;
  return {
    put(message) {
      const first = waiting.shift();
      if (first === undefined) arrived.push(message);
      else first.resolve(message);
    },
    take() {
      const message = arrived.shift();
      if (message !== undefined) return Promise.resolve(message);
      if (closed !== undefined) return Promise.reject(new HessiaError(closed));
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
      });
    },
    close(why) {
      closed = why;
      for (const { reject } of waiting.splice(0)) reject(new HessiaError(why));
    },
  };
}

/** Transports of agents 0, …, agents − 1 in one process, through mailboxes. @throws ArgumentError when `agents` isn't an integer from 1 to 2,000. */
export function inProcessTransports(agents: number): AgentTransport[] {
  requireNumber("inProcessTransports", "agents", agents, { atLeast: 1, atMost: 2000, integer: true });
  const boxes = new Map<number, Mailbox>();
  const box = (from: number, to: number) => {
    const key = from * agents + to;
    const found = boxes.get(key) ?? newMailbox();
    boxes.set(key, found);
    return found;
  };
  return Array.from({ length: agents }, (_, i) => ({
    send: (to, message) => box(i, to).put(message.slice()),
    receive: (from) => box(from, i).take(),
  }));
}

/**
 * A transport over one endpoint for each neighbour, by the neighbour's number.
 * @throws ArgumentError when an endpoint isn't one; also in `send` and `receive` for an agent to which there is none.
 */
export function endpointTransport(endpoints: ReadonlyMap<number, MessageEndpoint>): AgentTransport {
  const routine = "endpointTransport";
  if (!(endpoints instanceof Map)) misuse(routine, "endpoints", describe(endpoints), "a Map from agents to endpoints");
  const boxes = new Map<number, Mailbox>();
  for (const [agent, endpoint] of endpoints as ReadonlyMap<number, MessageEndpoint>) {
    const box = newMailbox();
    boxes.set(agent, box);
    const put = (message: unknown) => {
      if (message instanceof Float64Array) box.put(message);
      else box.close(`agent ${agent} sent ${describe(message)} in place of a Float64Array`);
    };
    listen(routine, `endpoints of agent ${agent}`, endpoint, put, () =>
      box.close(`the port to agent ${agent} is closed`),
    );
  }
  const known = () => [...endpoints.keys()].join(", ");
  return {
    send(to, message) {
      const endpoint = endpoints.get(to);
      if (endpoint === undefined) misuse(routine, "to", `agent ${to}`, `an agent with an endpoint: ${known()}`);
      endpoint.postMessage(message);
    },
    receive(from) {
      const box = boxes.get(from);
      if (box === undefined) misuse(routine, "from", `agent ${from}`, `an agent with an endpoint: ${known()}`);
      return box.take();
    },
  };
}
