/** `authlint routes`: the inventory of all endpoints. */
import { printInventory } from '../print/inventory.js';
import { analyse, printJson, type CommonOptions } from './common.js';

export interface RoutesOptions extends CommonOptions {
  format: 'text' | 'json';
}

/** Gives the exit code. */
export async function runRoutes(options: RoutesOptions): Promise<number> {
  const { report } = await analyse(options);
  if (options.format === 'json') printJson({ ...report.inventory, errors: report.findings.errors });
  else printInventory(report, process.stdout);
  return 0;
}
