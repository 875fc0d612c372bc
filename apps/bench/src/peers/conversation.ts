// A conversation with a Python process that stays: a line of JSON each way at a time. A peer that hangs or dies is named in the error, and another process takes its place.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export type Message = Readonly<Record<string, unknown>>;

export interface ConversationOptions {
  /** Arguments of the driver. */
  readonly words?: readonly string[];
  /** Threads of BLAS and OpenMP. Default 1. */
  readonly threads?: number;
  /** The program. Default "python3". */
  readonly program?: string;
}

/** Milliseconds that a process is given to import its packages. */
const startLimit = 60_000;

export class Conversation {
  /** What the process said first. */
  hello: Message = {};
  private child!: ChildProcess;
  private lines: string[] = [];
  private waiting: ((line: string | undefined) => void) | undefined;
  private ended = false;
  /** How the last process ended, and what it complained of. */
  private how = "";
  private complaint = "";

  private constructor(
    private readonly driver: string,
    private readonly options: ConversationOptions,
  ) {
    this.spawn();
  }

  /** Starts the driver's source; undefined where Python is missing, or where its first line has no `hello` (a package is missing). */
  static async start(driver: string, options: ConversationOptions = {}): Promise<Conversation | undefined> {
    const conversation = new Conversation(driver, options);
    if (await conversation.greet()) return conversation;
    conversation.close();
    return undefined;
  }

  private spawn(): void {
    const { words = [], threads = 1, program = "python3" } = this.options;
    const count = String(threads);
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      OMP_NUM_THREADS: count,
      OPENBLAS_NUM_THREADS: count,
      MKL_NUM_THREADS: count,
    };
    // Set on some machines for old libraries; they would slow a current one.
    delete env.OPENBLAS_CORETYPE;
    delete env.OPENBLAS_L2_SIZE;
    const child = spawn(program, ["-c", this.driver, ...words], { env, stdio: ["pipe", "pipe", "pipe"] });
    this.child = child;
    this.lines = [];
    this.ended = false;
    this.complaint = "";
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (this.child === child) this.deliver(line);
    });
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      if (this.child === child) this.complaint = `${this.complaint}${text}`.slice(-300);
    });
    const finish = (how: string) => {
      if (this.child === child) this.finish(how);
    };
    child.on("error", (error) => finish(error.message));
    child.on("close", (code, signal) => finish(signal === null ? `exit code ${code}` : `signal ${signal}`));
    child.stdin!.on("error", (error) => finish(error.message));
  }

  private async greet(): Promise<boolean> {
    const first = await this.hear(startLimit);
    const hello = first?.hello;
    if (typeof hello !== "object" || hello === null) return false;
    this.hello = hello as Message;
    return true;
  }

  private deliver(line: string): void {
    // What a library prints by itself is no answer.
    if (!line.startsWith("{")) return;
    if (this.waiting === undefined) this.lines.push(line);
    else this.waiting(line);
  }

  private finish(how: string): void {
    if (!this.ended) this.how = how;
    this.ended = true;
    this.waiting?.(undefined);
  }

  say(message: Message): void {
    if (!this.ended) this.child.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  /** The next line; undefined when the process has ended, or says nothing for so many milliseconds. */
  async hear(limit: number): Promise<Message | undefined> {
    let line = this.lines.shift();
    if (line === undefined && !this.ended)
      line = await new Promise<string | undefined>((resolve) => {
        const answer = (text: string | undefined) => {
          clearTimeout(timer);
          this.waiting = undefined;
          resolve(text);
        };
        const timer = setTimeout(answer, limit, undefined);
        this.waiting = answer;
      });
    return line === undefined ? undefined : (JSON.parse(line) as Message);
  }

  /**
   * Says and hears: an answer with `error` is thrown. Without an answer within so many milliseconds the process is ended, another one is started, and the error says whether it hung or died.
   */
  async ask(message: Message, limit: number): Promise<Message> {
    this.say(message);
    const answer = await this.hear(limit);
    if (answer === undefined) {
      const { how, complaint } = this;
      const why = this.ended
        ? `the process died (${how})${complaint === "" ? "" : `: ${complaint.trim().split("\n").at(-1)}`}`
        : `no answer in ${(limit / 1000).toFixed(1)} s, ended`;
      if (!(await this.renew())) throw new Error(`${why}; it doesn't start again`);
      throw new Error(why);
    }
    if (answer.error !== undefined) throw new Error(String(answer.error));
    return answer;
  }

  /** Ends the process and starts another one; whether that one is there. */
  async renew(): Promise<boolean> {
    this.close();
    this.spawn();
    return this.greet();
  }

  close(): void {
    this.ended = true;
    this.child.kill("SIGKILL");
  }
}
