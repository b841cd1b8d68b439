export const planFastify = () => { throw new Error('todo') }
