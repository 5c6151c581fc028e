/**
 * The graph of a flow. Nodes are the numbers from 0, and each has the list of the nodes that it reads. Nothing here
 * recurses.
 *
 * @typedef {readonly (readonly number[])[]} Edges
 */

/**
 * The nodes that can be reached from a node, itself among them.
 *
 * @param {Edges} edges
 * @param {number} start
 * @returns {Set<number>} in the order of their distance
 */
export function reachedFrom(edges, start) {
  const reached = new Set([start])
  for (const node of reached) for (const next of edges[node]) reached.add(next)
  return reached
}

/**
 * @param {Edges} edges
 * @returns {number[][]} for each node those that have it as a target
 */
export function reversed(edges) {
  /** @type {number[][]} */
  const back = edges.map(() => [])
  for (const [node, targets] of edges.entries()) for (const target of targets) back[target].push(node)
  return back
}

/**
 * The sets of nodes that can be reached from one another: those of several nodes, and of one with an edge to itself.
 * (Tarjan, with a stack of its own.)
 *
 * @param {Edges} edges
 * @returns {number[][]} each in the order of the nodes, ordered by their first
 */
export function cyclesOf(edges) {
  const index = new Int32Array(edges.length).fill(-1)
  const low = new Int32Array(edges.length)
  const isOpen = new Uint8Array(edges.length)
  const open = []
  const cycles = []
  let count = 0
  for (let root = 0; root < edges.length; root++) {
    if (index[root] >= 0) continue
    const path = [{ node: root, next: 0 }]
    while (path.length > 0) {
      const step = path[path.length - 1]
      const { node } = step
      if (step.next === 0 && index[node] < 0) {
        index[node] = low[node] = count++
        open.push(node)
        isOpen[node] = 1
      }
      if (step.next < edges[node].length) {
        const target = edges[node][step.next++]
        if (index[target] < 0) path.push({ node: target, next: 0 })
        else if (isOpen[target]) low[node] = Math.min(low[node], index[target])
        continue
      }
      path.pop()
      if (path.length > 0) low[path[path.length - 1].node] = Math.min(low[path[path.length - 1].node], low[node])
      if (low[node] !== index[node]) continue
      const members = open.splice(open.lastIndexOf(node))
      for (const member of members) isOpen[member] = 0
      if (members.length > 1 || edges[node].includes(node)) cycles.push(members.sort((a, b) => a - b))
    }
  }
  return cycles.sort(([a], [b]) => a - b)
}

/**
 * One of the shortest ways from a node of a cycle back to itself.
 *
 * @param {Edges} edges
 * @param {number} node
 * @returns {number[]} begins and ends with the node
 */
export function shortestCycle(edges, node) {
  const from = new Map([[node, node]])
  for (const at of from.keys()) {
    for (const target of edges[at]) {
      if (target === node) {
        const way = [node]
        for (let back = at; back !== node; back = from.get(back)) way.push(back)
        return [node, ...way.reverse()]
      }
      if (!from.has(target)) from.set(target, at)
    }
  }
  throw new TypeError('the node is in no cycle')
}
