import express from 'express';
import { requireUser } from './guards/session.js';
import { account } from './routes/account.js';
import { createOrderRouter } from './routes/orders.js';
import { reports } from './routes/reports.js';
import { login } from './routes/login.js';
import { invoices } from './routes/invoices.js';
import { features } from './features/index.js';
import { admin } from './routes/admin.js';

export function createApp() {
  const app = express();
  app.use(express.json());

  // Open on purpose: health, and how one becomes a user.
  app.get('/health', (req, res) => res.json({ status: 'ok' }));
  app.post('/auth/login', login);

  // Guarded: the guard stands before the router.
  app.use('/api/account', requireUser, account);

  // Guarded: a factory is handed its guard.
  app.use('/api/orders', createOrderRouter({ guard: requireUser }));

  // Subtly open: the guard covers /api/report, the router is mounted on /api/reports.
  app.use('/api/report', requireUser);
  app.use('/api/reports', reports);

  // Guarded and open: one mount in a loop per feature, each with its own list of guards.
  for (const feature of features) {
    app.use(`/api/${feature.name}`, ...feature.guards, feature.router);
  }

  // Subtly open: the guards in these two files do not hold.
  app.use('/api/invoices', invoices);
  app.use('/admin', admin);
  return app;
}
