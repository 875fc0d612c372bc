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
  /** Names of SIF files, with *. */
  readonly sif?: string[];
  /** NAME=number, for the SIF files that have such a parameter. */
  readonly param?: string[];
  /** Whether to run the peers that are installed outside of npm. */
  readonly peers?: boolean;
}
