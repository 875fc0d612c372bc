/** What the command line was told. */
export interface CliOptions {
  readonly suite: string;
  readonly quick: boolean;
  readonly problems?: string[];
  readonly methods?: string[];
  readonly maxTime?: number;
  readonly tolerance: number;
  readonly json?: string;
  readonly html?: string;
  readonly table: boolean;
}
