/**
 * The types of the plugins: what every version of a host asks for, and no more. So no host's types have to be installed for another's
 * sake, and two versions of the same do not get in each other's way.
 */

/** For Vite, Rollup, Rolldown and Farm. */
export interface NamedPlugin {
  name: string;
}

/** For webpack and Rspack. */
export interface CompilerPlugin {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  apply(compiler: any): void;
}

/** For esbuild and Bun. */
export interface SetupPlugin {
  name: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  setup(build: any): void | Promise<void>;
}
