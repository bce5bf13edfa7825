/** What the ledger should hold after each command: the push protocol told in plain arrays, beside which the real one is run. */

const LIVE = ['planned', 'held', 'queued', 'sending', 'acknowledged', 'retry-wait', 'unknown', 'needs-human'];
/** Operations in one request to the target. */
export const BATCH = 2;
/** Waits between tries, then dead: five of them. */
const TRIES_WITH_WAIT = 5;

/** What a target may do with an item, and what the sender hears of it. */
export const ANSWERS = ['accept', 'reject', 'retry', 'lost-before', 'lost-after'];
const HAS_EFFECT = ['accept', 'lost-after'];

export class LedgerModel {
  /** `write`: {type: overwrite|keyed|queryable|blind, movesMoney}. */
  constructor(write) {
    this.write = write;
    this.wants = new Map();
    this.operations = [];
    /** Effects at the target by number of the operation. */
    this.effects = new Map();
    /** Node → what it holds in its hands while it hangs. */
    this.hanging = new Map();
  }

  plan(persons) {
    const inScope = (operation) => persons === null || persons.includes(operation.person);
    for (const operation of this.operations.filter(inScope)) this.#settleOrSupersede(operation);
    for (const [person, value] of [...this.wants].sort(([one], [other]) => one - other))
      if ((persons === null || persons.includes(person)) && this.#mayBegin(person, value))
        this.operations.push({
          ...{ no: this.operations.length, person, value, fence: 0, attempt: 0, isDue: false, isQuietOver: false },
          ...{ isAged: false, wasSent: false, state: this.write.movesMoney ? 'held' : 'queued' },
        });
  }

  #settleOrSupersede(operation) {
    const wanted = this.wants.get(operation.person);
    const { state } = operation;
    if (wanted === undefined) {
      // Its case says when it is not wanted any more, and when it was seen.
      if (this.write.kind === 'back-payment') return;
      if (['planned', 'held', 'queued', 'retry-wait'].includes(state)) operation.state = 'cancelled';
      if (['acknowledged', 'unknown', 'needs-human'].includes(state)) operation.state = 'verified';
    } else if (
      wanted !== operation.value &&
      ['planned', 'held', 'queued', 'retry-wait', 'acknowledged'].includes(state)
    )
      operation.state = 'superseded';
  }

  #mayBegin(person, value) {
    return !this.operations.some(
      (each) =>
        each.person === person &&
        (LIVE.includes(each.state) || (['rejected', 'dead'].includes(each.state) && each.value === value)),
    );
  }

  decide(decision) {
    for (const operation of this.operations) {
      if (decision === 'approve' && operation.state === 'held') operation.state = 'queued';
      if (
        decision === 'cancel' &&
        ['held', 'queued', 'retry-wait', 'dead', 'rejected', 'needs-human'].includes(operation.state)
      )
        operation.state = 'cancelled';
    }
  }

  /**
   * What a person may send again after looking at the target: what had no effect, and has no newer sister. A refused
   * back-payment has let go of its months and is proposed anew.
   */
  replayable() {
    const states = this.write.kind === 'back-payment' ? ['dead', 'needs-human'] : ['dead', 'rejected', 'needs-human'];
    return this.operations.filter(
      (operation) =>
        states.includes(operation.state) &&
        !this.effects.has(operation.no) &&
        !this.operations.some((other) => other.no > operation.no && other.person === operation.person),
    );
  }

  replay() {
    for (const operation of this.replayable()) Object.assign(operation, { state: 'queued', attempt: 0 });
  }

  /** Everything that waits is due, and every quiet period is over. */
  passTime() {
    for (const operation of this.operations) Object.assign(operation, { isDue: true, isQuietOver: true });
  }

  /** A day goes by for keys of the target. */
  age() {
    for (const operation of this.operations) operation.isAged ||= operation.wasSent;
  }

  recover() {
    for (const { operations, isLost } of this.hanging.values())
      if (isLost)
        for (const operation of operations.filter(({ state }) => state === 'sending'))
          Object.assign(operation, { state: 'unknown', fence: operation.fence + 1, isDue: true, isQuietOver: false });
    for (const operation of this.operations)
      if (operation.state === 'unknown' && operation.isDue) this.#settleUnknown(operation);
  }

  #settleUnknown(operation) {
    const resend = () => Object.assign(operation, { state: 'retry-wait', isDue: true });
    switch (this.write.type) {
      case 'overwrite':
        return resend();
      case 'keyed':
        return operation.isAged ? Object.assign(operation, { state: 'needs-human' }) : resend();
      case 'queryable':
        if (!operation.isQuietOver) return Object.assign(operation, { isDue: false });
        return this.effects.has(operation.no) ? Object.assign(operation, { state: 'acknowledged' }) : resend();
      case 'blind':
        return Object.assign(operation, { state: 'needs-human' });
    }
  }

  claimable() {
    return this.operations.filter(({ state, isDue }) => state === 'queued' || (state === 'retry-wait' && isDue));
  }

  claim(operation) {
    Object.assign(operation, { state: 'sending', fence: operation.fence + 1, attempt: operation.attempt + 1 });
    operation.wasSent = true;
  }

  /** Claimable, and the target may have forgotten the key of an earlier try: shown to a person, not sent. */
  expirable() {
    const isForgotten = ({ isAged, attempt }) => this.write.type === 'keyed' && isAged && attempt > 0;
    return this.claimable().filter(isForgotten);
  }

  expire(operation) {
    this.claim(operation);
    operation.state = 'needs-human';
  }

  /** Claims and sends whatever may leave; `answers`: person → one of ANSWERS. */
  sendAll(answers) {
    for (const operation of this.expirable()) this.expire(operation);
    for (const operation of this.claimable()) {
      this.claim(operation);
      const answer = answers[operation.person];
      if (HAS_EFFECT.includes(answer)) this.takeEffect(operation);
      this.settle(operation, answer);
    }
  }

  /** Keys are remembered by the target while they live: a repeated one has no second effect. */
  takeEffect(operation) {
    const before = this.effects.get(operation.no) ?? 0;
    this.effects.set(operation.no, this.write.type === 'keyed' && !operation.isAged ? 1 : before + 1);
  }

  settle(operation, answer) {
    const later = () =>
      Object.assign(operation, { state: operation.attempt > TRIES_WITH_WAIT ? 'dead' : 'retry-wait', isDue: false });
    if (answer === 'accept') operation.state = 'acknowledged';
    else if (answer === 'reject') operation.state = 'rejected';
    else if (answer === 'retry') later();
    else if (this.write.type === 'queryable')
      Object.assign(operation, { state: 'unknown', isDue: false, isQuietOver: false });
    else if (this.write.type === 'blind' || (this.write.type === 'keyed' && operation.isAged))
      operation.state = 'needs-human';
    else later();
  }

  /** The first batch of a node hangs; `numbers`: of the operations that the target was really told. */
  hang(node, { numbers, isLost, hasEffect }) {
    const operations = numbers.map((no) => this.operations[no]);
    for (const operation of operations) {
      this.claim(operation);
      if (hasEffect) this.takeEffect(operation);
    }
    const fences = operations.map(({ fence }) => fence);
    this.hanging.set(node, { operations, fences, isLost, hasEffect });
  }

  /** The answer comes at last; then a node that kept its lock goes on with what else may leave. */
  answerLate(node, answer, answers) {
    const { operations, fences, isLost } = this.hanging.get(node);
    this.hanging.delete(node);
    operations.forEach((operation, at) => {
      const isOwn = ['sending', 'unknown'].includes(operation.state) && operation.fence === fences[at];
      if (isOwn || (operation.state === 'unknown' && answer === 'accept')) this.settle(operation, answer);
    });
    // What became ready while a batch that was not full was away comes with a job of its own.
    if (!isLost && operations.length === BATCH) this.sendAll(answers);
  }

  picture() {
    return this.operations.map(({ person, value, state, fence, attempt }) => ({
      person,
      value,
      state,
      fence,
      attempt,
    }));
  }
}
