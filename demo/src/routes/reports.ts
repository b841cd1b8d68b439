import { Router } from 'express';
import { prisma } from '~/lib/db.js';

export const reports = Router();

reports.get('/customers', async (req, res) => {
  res.json(await prisma.user.findMany({ select: { email: true, phone: true, address: true } }));
});
