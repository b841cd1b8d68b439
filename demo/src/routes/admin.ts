import { Router } from 'express';
import { requireAdmin } from '~/guards/session.js';
import { prisma } from '~/lib/db.js';

export const admin = Router();

admin.use(requireAdmin);
admin.put('/users/:id/role', async (req, res) => {
  res.json(await prisma.user.update({ where: { id: req.params.id }, data: { role: req.body.role } }));
});
