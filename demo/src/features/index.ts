import { requireUser } from '~/guards/session.js';
import { messages } from './messages.js';
import { products } from './products.js';

/** Every feature has a router; `guards` run before it. */
export const features = [
  { name: 'messages', router: messages, guards: [requireUser] },
  { name: 'products', router: products, guards: [] },
];
