/** What the tests of this repository reach beyond the public interface. */
export * from './config.js';
export { splitConfig } from './config/host-keys.js';
export { discover } from './discover.js';
export * from './engine.js';
export { printFindings } from './print/findings.js';
export { printInventory } from './print/inventory.js';
