export const problemFromExpression = () => { throw new Error("x"); };
