export const renderFastify = () => { throw new Error('todo') }
