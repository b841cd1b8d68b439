/** What a configuration may hold. Written by schema.mjs: change it there. */

/**
 * The configuration of authlint, the same for all of its hosts: command line, ESLint, bundlers.
 */
export interface AuthlintConfig {
  /**
   * Where editors find this schema: `./node_modules/authlint/authlint.schema.json`.
   */
  $schema?: string;
  /**
   * Endpoints that are open on purpose: `/api/products`, `GET /catalogue/**`. `*` stands for one segment, `**` for any number, `:name` for a parameter of any name.
   */
  publicRoutes?: string[];
  /**
   * Functions that turn anonymous callers away and whose code authlint cannot see: a name, or the module and the name it exports.
   */
  guards?: (
    | string
    | {
        /**
         * The module, as it stands in the import: `@acme/auth`.
         */
        import?: string;
        /**
         * The name that it exports; without one, everything from this module.
         */
        name?: string;
      }
  )[];
  /**
   * Turns a rule off or on, or gives all of its findings a severity.
   */
  rules?: {
    /**
     * An endpoint that reads or changes data answers anonymous callers.
     */
    'require-authentication'?: 'off' | 'on' | 'low' | 'medium' | 'high' | 'critical';
    /**
     * A guard stands where, or is written so, that anonymous requests pass it.
     */
    'no-ineffective-guard'?: 'off' | 'on' | 'low' | 'medium' | 'high' | 'critical';
  };
  /**
   * Findings below this are listed in the inventory only. Default: `medium`.
   */
  minSeverity?: 'low' | 'medium' | 'high' | 'critical';
  /**
   * Report endpoints whose protection cannot be told, too. Default: `false`.
   */
  reportUnknown?: boolean;
  /**
   * Files to leave out of the analysis, as globs relative to the folder of the configuration: `legacy/**`.
   */
  ignore?: string[];
  /**
   * The severity from which a finding fails the run: exit code 1 of `authlint check`, a failed build. `never`: findings are shown, and nothing fails.
   */
  failOn?: 'never' | 'low' | 'medium' | 'high' | 'critical';
  /**
   * The file of findings that are accepted for now, relative to the configuration: see `authlint check --update-baseline`.
   */
  baseline?: string;
}
