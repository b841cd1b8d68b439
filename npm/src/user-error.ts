/** Something that the user can put right: printed without a stack, exit code 2. */
export class UserError extends Error {
  override name = 'UserError';
}
