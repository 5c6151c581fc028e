export function printAuthoring() { throw new Error('x') }
