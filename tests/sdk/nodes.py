"""Nodes, the work that is done on them, and node pools."""

from huaweicloudsdkmodelarts.v1 import (
    BatchDeletePoolNodesRequest,
    BatchDrainPoolNodesReq,
    BatchDrainPoolNodesRequest,
    BatchLockPoolNodesRequest,
    BatchLockPoolNodesRequestBody,
    BatchRebootPoolNodesRequest,
    BatchRebootPoolNodesRequestBody,
    BatchResetPoolNodesRequest,
    BatchUnlockPoolNodesRequest,
    CreateNodePoolMetaVO,
    CreateNodePoolRequest,
    CreateNodePoolRequestBody,
    DeleteNodePoolRequest,
    ListJobsRequest,
    ListNodePoolNodesRequest,
    ListNodePoolsRequest,
    ListPoolNodesRequest,
    NodePoolSpec,
    NodesDeletionRequest,
    PatchNodePoolRequest,
    PatchNodePoolRequestBody,
    PoolResource,
    ResetNodesRequest,
    ResetNodesRequestRollingConfig,
    ShowNodePoolRequest,
    ShowPoolNodeRequest,
)

from common import CPU, MERGE_PATCH, Case, until


class Nodes(Case):
    def nodes(self, pool):
        return self.client.list_pool_nodes(ListPoolNodesRequest(pool_name=pool)).items

    def test_nodes_are_listed_page_by_page_and_shown(self):
        pool = self.ready_pool("sdk-nodes", 3)
        nodes, token = [], None
        while True:
            request = ListPoolNodesRequest(pool_name=pool, limit=2, _continue=token)
            page = self.client.list_pool_nodes(request)
            nodes += page.items
            token = page.metadata._continue
            if not token:
                break
        self.assertEqual(len({node.metadata.name for node in nodes}), 3)
        request = ShowPoolNodeRequest(pool_name=pool, node_name=nodes[0].metadata.name)
        node = self.client.show_pool_node(request)
        self.assertEqual((node.status.phase, node.spec.flavor), ("Available", CPU))
        self.assertTrue(node.spec.os.name)
        self.assertTrue(node.spec.host_network.vpc)
        self.assertEqual(node.status.resources.cpu, "8")
        self.assertTrue(node.metadata.labels.os_modelarts_node_underlying_instance_id)

    def test_a_node_is_deleted_and_the_count_follows(self):
        pool = self.ready_pool("sdk-nodes-delete", 2)
        name = self.nodes(pool)[0].metadata.name
        body = NodesDeletionRequest(delete_node_names=[name])
        request = BatchDeletePoolNodesRequest(pool_name=pool, body=body)
        self.client.batch_delete_pool_nodes(request)
        left = until(lambda: self.nodes(pool), lambda nodes: len(nodes) == 1)
        self.assertNotEqual(left[0].metadata.name, name)
        self.assertEqual(self.show(pool).spec.resources[0].count, 1)

    def test_a_locked_node_is_not_deleted_until_it_is_unlocked(self):
        pool = self.ready_pool("sdk-nodes-lock", 2)
        name = self.nodes(pool)[0].metadata.name
        body = BatchLockPoolNodesRequestBody(node_names=[name], actions=["delete"])
        locked = self.client.batch_lock_pool_nodes(
            BatchLockPoolNodesRequest(pool_name=pool, body=body)
        )
        self.assertEqual([(n.name, n.status) for n in locked.nodes], [(name, "success")])
        body = NodesDeletionRequest(delete_node_names=[name])
        request = BatchDeletePoolNodesRequest(pool_name=pool, body=body)
        call = lambda: self.client.batch_delete_pool_nodes(request)
        self.refused(400, "ModelArts.50004000", call)
        body = BatchLockPoolNodesRequestBody(node_names=[name], actions=["delete"])
        unlock = BatchUnlockPoolNodesRequest(pool_name=pool, body=body)
        unlocked = self.client.batch_unlock_pool_nodes(unlock)
        self.assertEqual([(n.name, n.status) for n in unlocked.nodes], [(name, "success")])
        self.client.batch_delete_pool_nodes(request)
        until(lambda: self.nodes(pool), lambda nodes: len(nodes) == 1)

    def test_nodes_are_drained_ten_at_a_time(self):
        pool = self.ready_pool("sdk-nodes-drain", 2)
        names = [node.metadata.name for node in self.nodes(pool)]

        def drain(names):
            body = BatchDrainPoolNodesReq(node_names=names)
            request = BatchDrainPoolNodesRequest(pool_name=pool, body=body)
            return self.client.batch_drain_pool_nodes(request)

        self.assertFalse(drain(names[:1]).body)
        self.refused(400, "ModelArts.50004000", lambda: drain([f"n{n}" for n in range(11)]))
        self.refused(404, "ModelArts.50015001", lambda: drain(["nobody"]))

    def test_reboots_and_resets_are_jobs(self):
        pool = self.ready_pool("sdk-nodes-job")
        name = self.nodes(pool)[0].metadata.name
        body = BatchRebootPoolNodesRequestBody(node_names=[name])
        request = BatchRebootPoolNodesRequest(pool_name=pool, body=body)
        self.assertEqual(self.client.batch_reboot_pool_nodes(request).node_names, [name])
        rolling = ResetNodesRequestRollingConfig(strategy="RollingByNumber", max_unavailable=1)
        body = ResetNodesRequest(node_names=[name], rolling_config=rolling)
        request = BatchResetPoolNodesRequest(pool_name=pool, body=body)
        job = self.client.batch_reset_pool_nodes(request).job_id

        def jobs():
            listed = self.client.list_jobs(ListJobsRequest(resource="pools", name=pool))
            return {job.job_id: job.phase for job in listed.items}

        done = until(jobs, lambda jobs: set(jobs.values()) == {"Success"})
        self.assertEqual(len(done), 2)
        self.assertIn(job, done)

    def test_a_node_pool_is_added_changed_and_taken_away(self):
        pool = self.ready_pool("sdk-node-pools")
        spec = lambda count: NodePoolSpec(
            resources=PoolResource(flavor=CPU, count=count, max_count=count)
        )
        body = CreateNodePoolRequestBody(
            api_version="v2",
            kind="NodePool",
            metadata=CreateNodePoolMetaVO(name="extra"),
            spec=spec(1),
        )
        self.client.create_node_pool(CreateNodePoolRequest(pool_name=pool, body=body))
        place = {"pool_name": pool, "nodepool_name": "extra"}
        show = lambda: self.client.show_node_pool(ShowNodePoolRequest(**place))
        count = lambda shown: getattr(shown.status.resources.available, "count", None)
        until(show, lambda shown: count(shown) == 1)
        body = PatchNodePoolRequestBody(spec=spec(2))
        invoker = self.client.patch_node_pool_invoker(PatchNodePoolRequest(**place, body=body))
        invoker.add_header("Content-Type", MERGE_PATCH).invoke()
        until(show, lambda shown: count(shown) == 2)
        nodes = self.client.list_node_pool_nodes(ListNodePoolNodesRequest(**place)).items
        self.assertEqual({n.metadata.labels.os_modelarts_node_nodepool for n in nodes}, {"extra"})
        self.client.delete_node_pool(DeleteNodePoolRequest(**place))
        listed = self.client.list_node_pools(ListNodePoolsRequest(pool_name=pool)).items
        self.assertEqual([item.metadata.name for item in listed], [f"{CPU}-default"])
